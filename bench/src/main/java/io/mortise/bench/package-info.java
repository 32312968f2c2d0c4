/**
 * Measured against plain H2 of the same version, HSQLDB and Derby, each in a JVM of its own and in turns.
 * {@link io.mortise.bench.Bench} is the one command; each part of it runs on its own too. How to repeat it:
 * bench/README.md.
 */
@NullMarked
package io.mortise.bench;

import org.jspecify.annotations.NullMarked;
