package io.mortise.engine.storage.table;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.MapStates;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * With what rows the statement that made a table has left it. H2's snapshot of all tables is of those too that are just
 * being filled, such as the copy that ALTER TABLE puts in the place of a table. It would show that one empty. Written
 * by who has the table exclusively, read by any thread.
 */
final class Filled {
    private final LockableTable table;

    /** Whose statement has made the table, and may go on to fill it; null when that is over. */
    private @Nullable StorageSession by;

    /** The state of the table's rows as they were left; 0 for a table that was there before. */
    private volatile long state;

    Filled(LockableTable table) {
        this.table = table;
    }

    void begins(StorageSession session) {
        by = session;
    }

    /**
     * A session is about to let the table go, which it has exclusively: nobody may lock the table, and find it half
     * full, before this is known. The one that makes it may let it go in the middle, and fill it after that.
     */
    void letGo(StorageSession session) {
        if (by == session) {
            state = MapStates.of(table.primary().getMVMap());
            by = session.statements().isEmpty() ? null : session;
        }
    }

    /** Throws if the transaction's snapshot was taken while the table was being filled. */
    void checkShown(SessionLocal session) {
        long left = state;
        Transaction transaction = left == 0 ? null : H2Reflection.transaction(session);
        if (transaction != null
                && MapStates.isShownBefore(left, transaction, table.primary().getMVMap())) {
            throw table.storage().session(session).waits().redefined(table.target());
        }
    }
}
