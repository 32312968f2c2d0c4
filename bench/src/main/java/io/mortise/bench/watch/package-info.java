/** Those who look on, and the crowd that they see. */
@NullMarked
package io.mortise.bench.watch;

import org.jspecify.annotations.NullMarked;
