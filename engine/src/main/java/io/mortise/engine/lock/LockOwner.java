package io.mortise.engine.lock;

/**
 * A session as the lock manager sees it: its current transaction, what it runs, and the intent locks it holds without
 * the mutex. Written by the thread that runs the session's statement, read by all.
 */
public final class LockOwner {
    private final int session;
    private final String user;
    private volatile OwnerId id;

    LockOwner(int session, String user) {
        this.session = session;
        this.user = user;
        this.id = new OwnerId(session, 0);
    }

    public int session() {
        return session;
    }

    public String user() {
        return user;
    }

    /** The transaction that locks are for now; its number is 0 between transactions. */
    public OwnerId id() {
        return id;
    }

    /** Is a transaction of this session open that has asked for a lock? */
    public boolean isActive() {
        return id.transaction() != 0;
    }

    /** A statement begins; locks taken from now on are its. */
    public void starts(StatementRecord statement) {
        throw new UnsupportedOperationException();
    }

    /** The statement has ended, at {@code nanos} on the engine's clock. */
    public void ends(long nanos) {
        throw new UnsupportedOperationException();
    }

    /** The statement that runs, or ran last. */
    public StatementRecord statement() {
        throw new UnsupportedOperationException();
    }

    /** Rows inserted, updated or deleted by the current transaction. */
    public long rowsChanged() {
        throw new UnsupportedOperationException();
    }

    public void countRowsChanged(long rows) {
        throw new UnsupportedOperationException();
    }

    /** -10 to 10; the lowest of a cycle gives way. */
    public void setDeadlockPriority(int priority) {
        throw new UnsupportedOperationException();
    }
}
