/** Rounds in turns, and what came of them. */
@NullMarked
package io.mortise.bench.round;

import org.jspecify.annotations.NullMarked;
