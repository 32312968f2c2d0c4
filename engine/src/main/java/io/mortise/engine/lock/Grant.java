package io.mortise.engine.lock;

/** A lock that is held, as its queue knows it. Called under the mutex. */
final class Grant {
    /** How a grant came about, which says whose word its end is. */
    enum Kind {
        /** Known to the lock table only: ends with the transaction. */
        EXPLICIT,
        /** Storage's own, an uncommitted row version: entered here because somebody waits for it. */
        IMPLICIT,
        /** Granted, but its owner has yet to take it in storage; then it is {@link #IMPLICIT}. */
        HANDED
    }

    final OwnerId owner;
    final StatementRecord statement;
    final long requestedNanos;
    final long grantedNanos;
    LockMode mode;
    Kind kind;
    /**
     * Is what was converted to X a shared lock that the lock table knows, and that stays when storage lets the row go?
     */
    boolean overShared;
    /** When its owner was first handed the target; counts for barging until it has taken that in storage. */
    long handedNanos;
    /** Has the thread that it was handed to found the target taken, and looks out for it? Then nobody passes. */
    boolean awake;

    Grant(OwnerId owner, LockMode mode, Kind kind, LockRequest request) {
        this.owner = owner;
        this.mode = mode;
        this.kind = kind;
        this.statement = request.statement();
        this.requestedNanos = request.nanos();
        this.grantedNanos = request.nanos();
        this.handedNanos = request.nanos();
    }

    /** The same, to another owner. */
    Grant(OwnerId owner, Grant same) {
        this.owner = owner;
        this.mode = same.mode;
        this.kind = same.kind;
        this.statement = same.statement;
        this.requestedNanos = same.requestedNanos;
        this.grantedNanos = same.grantedNanos;
        this.handedNanos = same.handedNanos;
    }

    /** Does its owner hold the target shared, by the lock table's own word, whatever else storage gives? */
    boolean isShared() {
        return overShared || kind == Kind.EXPLICIT && mode == LockMode.S;
    }

    /** Does the lock table's own word keep others out, whatever storage does? */
    boolean isFirm() {
        return overShared || kind == Kind.EXPLICIT;
    }

    Grant(Pending waited, Kind kind, long nowNanos) {
        this.owner = waited.owner;
        this.mode = waited.mode;
        this.kind = kind;
        this.statement = waited.statement;
        this.requestedNanos = waited.requestedNanos;
        this.grantedNanos = nowNanos;
        this.handedNanos = waited.handedNanos == 0 ? nowNanos : waited.handedNanos;
    }
}
