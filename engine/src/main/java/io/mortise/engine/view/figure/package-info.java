/** An open database in figures: what {@code meter} shows of it, worked out of what the views show. */
@NullMarked
package io.mortise.engine.view.figure;

import org.jspecify.annotations.NullMarked;
