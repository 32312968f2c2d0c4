/** Databases side by side: who plays what against whom, and how long. */
@NullMarked
package io.mortise.bench.side;

import org.jspecify.annotations.NullMarked;
