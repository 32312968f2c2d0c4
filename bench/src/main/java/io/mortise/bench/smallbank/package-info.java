/**
 * SmallBank (Alomari, Cahill, Fekete and Röhm, 2008), with the payment that was added later, in code of our own. It was
 * made to show what a snapshot lets through and what keeping it out costs.
 */
@NullMarked
package io.mortise.bench.smallbank;

import org.jspecify.annotations.NullMarked;
