/**
 * H2, and the lock layer over it: the only room that imports {@code org.h2}. May import {@code virtual}, {@code policy}, {@code journal}, {@code lock}, {@code setting}, {@code text}, {@code error}.
 */
@NullMarked
package io.mortise.engine.storage;

import org.jspecify.annotations.NullMarked;
