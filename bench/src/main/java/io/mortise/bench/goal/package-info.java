/** The numbers that were set as goals, as data, and what a run says of them. */
@NullMarked
package io.mortise.bench.goal;

import org.jspecify.annotations.NullMarked;
