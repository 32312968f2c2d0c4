/**
 * New-order and payment of TPC-C by its standard rules (revision 5.11), in code of our own. Not a TPC-C result: two of
 * the five transactions, no terminals and no think times.
 */
@NullMarked
package io.mortise.bench.tpcc;

import org.jspecify.annotations.NullMarked;
