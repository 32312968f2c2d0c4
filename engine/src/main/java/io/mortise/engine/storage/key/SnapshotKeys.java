package io.mortise.engine.storage.key;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.storage.serial.KeyRange;
import io.mortise.engine.storage.serial.Noted;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.h2.engine.IsolationLevel;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.result.SearchRow;

/**
 * Compares what a key check has found, which is what is there now, with the snapshot of a serializable transaction. If
 * that shows something else, neither answer of the check is true in an order with the others, and the transaction is
 * refused. One thread.
 */
final class SnapshotKeys {
    private final StorageSession session;
    private final LockableTable table;
    private final Index index;

    SnapshotKeys(StorageSession session, LockableTable table, Index index) {
        this.session = session;
        this.table = table;
        this.index = index;
    }

    /** A row with these values is there now. */
    void present(SearchRow values, long row) {
        if (isToBeTrue()) {
            look(values);
            if (shown(values, found -> found == row).isEmpty()) {
                throw session.waits().conflict(new LockTarget.Row(table.target(), row), Optional.empty());
            }
        }
    }

    /** No row with these values is there now, but for this one. */
    void absent(SearchRow values, long except) {
        if (isToBeTrue()) {
            look(values);
            OptionalLong shown = shown(values, found -> found != except);
            if (shown.isPresent()) {
                throw session.waits().conflict(new LockTarget.Row(table.target(), shown.getAsLong()), Optional.empty());
            }
        }
    }

    /** A row with these values was there when storage was asked, and is not any more: neither answer is true. */
    DbException gone(SearchRow values) {
        look(values);
        return session.waits().conflict(new LockTarget.Row(table.target(), values.getKey()), Optional.empty());
    }

    /**
     * Where SERIALIZABLE is kept by locks, an error of a key check has read the table as well: nobody may change what
     * it says before the transaction has ended.
     *
     * @return true if the table is locked for that only now, so that the check has to look again
     */
    boolean locksWhatFailed() {
        LockMode held = session.transactionLocks().mode(table);
        boolean isAsked = session.h2().getIsolationLevel() == IsolationLevel.SERIALIZABLE
                && table.locksWhatItReads(session.h2())
                && (held == null || !held.covers(LockMode.S));
        if (isAsked) {
            table.lock(session, LockMode.S);
        }
        return isAsked;
    }

    private boolean isToBeTrue() {
        return session.serial().isOpen() && !table.isPrivate();
    }

    private void look(SearchRow values) {
        session.serial().look(table, new KeyRange(index, values, values));
    }

    /** The first row with these values that the snapshot shows, of those that are meant. */
    private OptionalLong shown(SearchRow values, LongPredicate isMeant) {
        Noted was = session.serial().reads(Noted.BY_READER);
        try {
            Cursor found = index.find(session.h2(), values, values, false);
            while (found.next()) {
                long row = found.getSearchRow().getKey();
                if (isMeant.test(row)) {
                    return OptionalLong.of(row);
                }
            }
            return OptionalLong.empty();
        } finally {
            session.serial().reads(was);
        }
    }
}
