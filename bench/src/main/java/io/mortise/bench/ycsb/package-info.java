/** The Yahoo! Cloud Serving Benchmark's mix A, some operations to a transaction, in code of our own. */
@NullMarked
package io.mortise.bench.ycsb;

import org.jspecify.annotations.NullMarked;
