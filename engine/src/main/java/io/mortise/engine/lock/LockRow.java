package io.mortise.engine.lock;

import java.util.List;

/**
 * A lock, granted or asked for, as of one instant. Immutable.
 *
 * @param requestedNanos when it was asked for, on the engine's clock
 * @param grantedNanos when it was granted; meaningless while pending
 * @param statement the statement that took it or asks for it
 * @param implicit is the lock storage's own (an uncommitted row version), known here because somebody waits for it?
 * @param blockers whom a pending request waits for: holders first, then those ahead in the queue, in order
 * @param passedOver how often another owner took the lock before this one could
 */
public record LockRow(
        OwnerId owner,
        LockTarget target,
        LockMode mode,
        boolean granted,
        long requestedNanos,
        long grantedNanos,
        StatementRecord statement,
        boolean implicit,
        List<Blocker> blockers,
        int passedOver) {

    /** The same lock, of another owner. */
    public LockRow of(OwnerId other) {
        return new LockRow(
                other, target, mode, granted, requestedNanos, grantedNanos, statement, implicit, blockers, passedOver);
    }

    /**
     * One edge of the waits-for graph.
     *
     * @param statement the one that took the lock in the way, or asks for it
     */
    public record Blocker(OwnerId owner, EdgeKind kind, LockMode mode, StatementRecord statement) {}

    /** Why one session waits for another. */
    public enum EdgeKind {
        /** The blocker holds a lock that conflicts. */
        HOLDS,
        /** The blocker asked before for something that conflicts, and waits itself. */
        QUEUED_AHEAD,
        /** The blocker's statement is in flight on the session that is wanted. */
        STATEMENT_SLOT,
        /** The blocker is serializable and open; what it has missed decides whether a snapshot is safe. */
        SAFE_SNAPSHOT
    }
}
