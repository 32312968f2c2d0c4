/**
 * The statements that a session runs, one inside another, and what the journal is told of them. Part of
 * {@code storage}; of the others it sees {@code h2}, {@code transaction}, {@code definition} and {@code count}.
 */
@NullMarked
package io.mortise.engine.storage.statement;

import org.jspecify.annotations.NullMarked;
