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
    SESSION_CLOSED,
    SHUTDOWN
}
