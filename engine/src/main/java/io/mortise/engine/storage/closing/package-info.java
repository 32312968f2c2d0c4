/** How a database comes to be closed. Sees the lock room only. */
@NullMarked
package io.mortise.engine.storage.closing;

import org.jspecify.annotations.NullMarked;
