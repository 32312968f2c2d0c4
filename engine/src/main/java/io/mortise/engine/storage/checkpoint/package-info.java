/**
 * What is written to the file together and in which order, and what a killed process left half done. Part of
 * {@code storage}; of the others it sees {@code h2}.
 */
@NullMarked
package io.mortise.engine.storage.checkpoint;

import org.jspecify.annotations.NullMarked;
