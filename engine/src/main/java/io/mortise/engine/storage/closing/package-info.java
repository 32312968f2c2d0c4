/** How a database comes to be closed. Of the other rooms it sees lock and thread only. */
@NullMarked
package io.mortise.engine.storage.closing;

import org.jspecify.annotations.NullMarked;
