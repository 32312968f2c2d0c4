/** Unique keys and foreign keys that hold between transactions. Part of {@code storage}; stands on {@code row}. */
@NullMarked
package io.mortise.engine.storage.key;

import org.jspecify.annotations.NullMarked;
