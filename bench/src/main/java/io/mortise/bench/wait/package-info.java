/** Waits for a lock that are ended from outside, on any of the databases. */
@NullMarked
package io.mortise.bench.wait;

import org.jspecify.annotations.NullMarked;
