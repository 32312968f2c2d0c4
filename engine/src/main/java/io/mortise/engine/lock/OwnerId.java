package io.mortise.engine.lock;

/**
 * The transaction a lock is for, and the session that runs it. Immutable.
 *
 * @param session the session's number; the graph of waits has one node a session, because a session runs one statement
 *     at a time. Negative for a thread that waits without a session of its own.
 * @param transaction the transaction's number (TNO), unique while the engine runs; 0 for a session between transactions.
 */
public record OwnerId(int session, long transaction) {
    @Override
    public String toString() {
        return "session " + session + " transaction " + transaction;
    }
}
