package io.mortise.engine.journal;

import io.mortise.engine.lock.OwnerId;

/**
 * An error that a client was given. Immutable.
 *
 * @param id unique while the engine runs
 * @param code the vendor code
 * @param text the whole message, as in the exception
 */
public record ErrorEntry(
        long id, long atNanos, OwnerId owner, String user, int code, String sqlState, String text, String sql) {}
