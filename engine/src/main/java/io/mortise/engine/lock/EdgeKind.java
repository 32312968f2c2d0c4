package io.mortise.engine.lock;

/** Why one session waits for another. */
public enum EdgeKind {
    /** The blocker holds a lock that conflicts. */
    HOLDS,
    /** The blocker asked before for something that conflicts, and waits itself. */
    QUEUED_AHEAD,
    /** The blocker's statement is in flight on the session that is wanted. */
    STATEMENT_SLOT
}
