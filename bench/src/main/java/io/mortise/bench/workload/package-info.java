/** The databases that take part, and what they are made to do: the same SQL for everybody. */
@NullMarked
package io.mortise.bench.workload;

import org.jspecify.annotations.NullMarked;
