/**
 * The functions that the engine adds to SQL, and that its own statements call: LOCK TABLE, KILL QUERY, SET PARAMETER,
 * EXPLAIN LOCKS and SQream's. May import {@code backend}, {@code command}, {@code error}, {@code lock}, {@code policy},
 * {@code session}, {@code setting}, {@code storage}, {@code text}, {@code thread}, {@code view}, {@code virtual}.
 */
@NullMarked
package io.mortise.engine.function;

import org.jspecify.annotations.NullMarked;
