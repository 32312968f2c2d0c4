/**
 * Measured against plain H2 of the same version, HSQLDB and Derby, in one JVM and in turns: whole workloads by
 * {@link io.mortise.bench.SideBySide}, the parts by JMH. How to repeat it: bench/README.md.
 */
@NullMarked
package io.mortise.bench;

import org.jspecify.annotations.NullMarked;
