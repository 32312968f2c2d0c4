/**
 * H2's own classes, read and written where they have no door: the list for taking over a new H2. Part of
 * {@code storage}; sees no other part of it.
 */
@NullMarked
package io.mortise.engine.storage.h2;

import org.jspecify.annotations.NullMarked;
