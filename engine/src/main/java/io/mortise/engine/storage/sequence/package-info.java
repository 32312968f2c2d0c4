/**
 * What a sequence has given out, and whether the catalogue says so. Part of {@code storage}; of the others it sees
 * {@code h2} and {@code transaction}.
 */
@NullMarked
package io.mortise.engine.storage.sequence;

import org.jspecify.annotations.NullMarked;
