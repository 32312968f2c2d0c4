/** What things weigh, read from the heap. */
@NullMarked
package io.mortise.bench.heap;

import org.jspecify.annotations.NullMarked;
