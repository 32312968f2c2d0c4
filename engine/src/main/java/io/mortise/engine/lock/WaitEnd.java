package io.mortise.engine.lock;

/** Why a wait ended without its lock. Every wait ends granted or in exactly one of these. */
public enum WaitEnd {
    TIMEOUT,
    DEADLOCK_VICTIM,
    /** {@code Statement.cancel}. */
    CANCELLED,
    QUERY_TIMEOUT,
    /** STOP_STATEMENT or KILL QUERY. */
    KILLED,
    /** ABORT of the session. */
    ABORTED,
    INTERRUPTED,
    /** The serializable transaction has to give way, and somebody waits for it. */
    GAVE_WAY,
    /** The session is to go at the word of another, or because nobody can answer for it. */
    SESSION_CLOSED,
    /** Its own client has closed the connection: the transaction goes with it. */
    CONNECTION_CLOSED,
    SHUTDOWN;

    /**
     * Is the transaction rolled back with the statement that waits, at the word of somebody? A victim's is in any case.
     */
    public boolean endsTransaction() {
        return reach() > 0;
    }

    /**
     * How much ends with the statement: nothing more, the transaction of a client that leaves, the transaction, the
     * session.
     */
    int reach() {
        return switch (this) {
            case CONNECTION_CLOSED, GAVE_WAY -> 1;
            case ABORTED -> 2;
            case SESSION_CLOSED -> 3;
            case TIMEOUT, DEADLOCK_VICTIM, CANCELLED, QUERY_TIMEOUT, KILLED, INTERRUPTED, SHUTDOWN -> 0;
        };
    }
}
