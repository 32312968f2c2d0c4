/**
 * H2's table with our locks in it, and what a definition locks. Part of {@code storage}; stands on {@code key},
 * {@code row} and {@code catalog}.
 */
@NullMarked
package io.mortise.engine.storage.table;

import org.jspecify.annotations.NullMarked;
