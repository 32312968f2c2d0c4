/**
 * An H2 session and what the engine knows of it: its statements, locks, waits, refusals. Part of {@code storage}; of
 * the others it sees {@code h2}, {@code checkpoint}, {@code transaction}, {@code ending}, {@code name} and
 * {@code slot}.
 */
@NullMarked
package io.mortise.engine.storage.session;

import org.jspecify.annotations.NullMarked;
