package io.mortise.engine.lock;

import org.jspecify.annotations.Nullable;

/**
 * The transaction a lock is for, and the session that runs it. Immutable.
 *
 * @param session the session's number; the graph of waits has one node a session, because a session runs one statement
 *     at a time. Negative for a thread that waits without a session of its own.
 * @param transaction the transaction's number (TNO), unique while the engine runs; 0 for a session between
 *     transactions.
 */
public record OwnerId(int session, long transaction) {
    /** The owner of what a session holds whichever transaction it runs. */
    public static OwnerId of(int session) {
        return new OwnerId(session, 0);
    }

    // By hand, as in LockTarget: the ones that a record is given go through method handles, several times a lock.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof OwnerId owner && owner.transaction == transaction && owner.session == session;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(transaction) * 31 + session;
    }

    @Override
    public String toString() {
        return "session " + session + " transaction " + transaction;
    }
}
