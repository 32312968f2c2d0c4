/**
 * H2 has room for so many open transactions and no more: what those do who come when all of it is taken, and who need
 * no room. Belongs to {@code storage}. May import {@code error}, org.h2.
 */
@NullMarked
package io.mortise.engine.storage.slot;

import org.jspecify.annotations.NullMarked;
