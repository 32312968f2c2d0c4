/**
 * The engine: opens a database on H2 storage with a lock layer above it. {@link io.mortise.engine.Engine} builds the
 * parts and is the only class that sees every room.
 *
 * <p>The rooms, from the bottom: {@code error}, {@code setting}, {@code lock}, {@code command}, {@code policy},
 * {@code journal}, {@code jmx}, {@code storage}, {@code session}, {@code view}, {@code function}. Imports point down.
 */
@NullMarked
package io.mortise.engine;

import org.jspecify.annotations.NullMarked;
