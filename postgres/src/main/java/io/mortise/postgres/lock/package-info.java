/**
 * What a server says of locks, read by a connection of its own and told in the engine's words: who holds, who waits,
 * for which row, behind whom. Knows neither sessions of the driver nor SQL of clients.
 */
@NullMarked
package io.mortise.postgres.lock;

import org.jspecify.annotations.NullMarked;
