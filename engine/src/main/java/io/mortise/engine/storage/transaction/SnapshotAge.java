package io.mortise.engine.storage.transaction;

import org.h2.engine.IsolationLevel;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * By which state of the catalogue a session's transaction has taken the snapshot that it keeps. Of an index that was
 * committed later the snapshot shows nothing, or what is newer than the rows. One thread, the one in the session.
 */
public final class SnapshotAge {
    /** Of a transaction of which it is not known: older than any index. */
    private static final long UNKNOWN = 0;

    /** H2's number of the transaction. */
    private long transaction;

    private long catalogue;
    /** Are younger indexes out of sight for the session now? */
    private boolean hides;

    /**
     * A statement is about to take a snapshot, perhaps not the first of the transaction.
     *
     * @param catalogueNow H2's number of it
     */
    public void taken(Transaction now, long catalogueNow) {
        if (transaction != now.getSequenceNum()) {
            transaction = now.getSequenceNum();
            catalogue = now.hasStatementDependencies() ? UNKNOWN : catalogueNow;
        }
    }

    /**
     * The state of the catalogue from which on an index counts for the transaction as young; no index does if each
     * statement reads what is there.
     */
    public long of(@Nullable Transaction now) {
        if (now == null || !keeps(now.getIsolationLevel())) {
            return Long.MAX_VALUE;
        }
        return transaction == now.getSequenceNum() ? catalogue : UNKNOWN;
    }

    private static boolean keeps(IsolationLevel level) {
        return level == IsolationLevel.SNAPSHOT || level == IsolationLevel.REPEATABLE_READ;
    }

    /** Are younger indexes out of its sight from now on? Returns whether they were. */
    public boolean setHiding(boolean now) {
        boolean was = hides;
        hides = now;
        return was;
    }

    public boolean isHiding() {
        return hides;
    }
}
