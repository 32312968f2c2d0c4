/** Hand-made moments: locks, waits and deadlocks as the lock manager would report them. */
@NullMarked
package io.mortise.engine.scene;

import org.jspecify.annotations.NullMarked;
