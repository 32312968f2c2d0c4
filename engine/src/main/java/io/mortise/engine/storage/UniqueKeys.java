package io.mortise.engine.storage;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.CurrentEntries.Entry;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.h2.api.ErrorCode;
import org.h2.command.CommandInterface;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Waits where a write meets a value of a unique key that another transaction has written and not committed. Thread-safe.
 *
 * <p>Storage is tried first. If it says that somebody is in the way, it has undone what it did; then who that is is looked
 * up, waited for, and storage is tried again.
 */
final class UniqueKeys {
    /** Who was in the way has gone before we looked: so often in a row that is no coincidence. */
    private static final int TRIES = 100;

    private final LockingTable table;
    private final Storage storage;
    private final LockManager locks;

    UniqueKeys(LockingTable table, Storage storage) {
        this.table = table;
        this.storage = storage;
        this.locks = storage.locks();
    }

    /** A write that is tried until nobody is in its way. One thread. */
    final class Write {
        private final StorageSession session;
        private @Nullable LockTarget waitedFor;
        private int tries;

        private Write(StorageSession session) {
            this.session = session;
        }

        /** Storage has taken it. */
        void done() {
            LockTarget target = waitedFor;
            if (target != null) {
                locks.confirm(session.owner(), target);
            }
        }

        /** Storage has refused it: waits, if it is for somebody to wait for, or throws. */
        void refused(DbException refusal, Row row) {
            checkSnapshot(refusal, row);
            retract(refusal);
            await(refusal, conflict(session, row));
        }

        /** The same for many rows, an old and a new one by turns. */
        void refused(DbException refusal, LocalResult rows) {
            retract(refusal);
            rows.reset();
            Optional<Conflict> conflict = Optional.empty();
            while (conflict.isEmpty() && rows.next()) {
                rows.next();
                conflict = conflict(session, rows.currentRowForTable());
            }
            await(refusal, conflict);
        }

        /**
         * A MERGE that does not see a row, because its snapshot is older, and can not insert it, because it is there: H2
         * would run it again on the same snapshot until the lock timeout.
         */
        private void checkSnapshot(DbException refusal, Row row) {
            if (refusal.getErrorCode() == ErrorCode.DUPLICATE_KEY_1
                    && session.statements().type() == CommandInterface.MERGE
                    && !session.h2().getTransaction().allowNonRepeatableRead()
                    && refusal.getSource() instanceof Index index
                    && !index.find(session.h2(), row, row, false).next()) {
                H2Reflection.settle(session.h2().getTransaction());
                throw session.conflict(new LockTarget.Row(table.target(), keyOf(index, row)), Optional.empty());
            }
        }

        private long keyOf(Index index, Row row) {
            return CurrentEntries.canRead(index)
                    ? new CurrentEntries(session.h2(), index)
                            .find(row)
                            .map(Entry::row)
                            .orElse(row.getKey())
                    : row.getKey();
        }

        private void retract(DbException refusal) {
            Transaction transaction = H2Reflection.transaction(session.h2());
            if (transaction != null) {
                H2Reflection.settle(transaction);
            }
            if (refusal.getErrorCode() != ErrorCode.CONCURRENT_UPDATE_1) {
                LockTarget target = waitedFor;
                if (target != null) {
                    locks.release(session.owner().id(), target);
                }
                throw refusal;
            }
        }

        private void await(DbException refusal, Optional<Conflict> found) {
            if (found.isEmpty()) {
                if (++tries == TRIES) {
                    storage.tripped();
                    throw refusal;
                }
                return;
            }
            Conflict conflict = found.get();
            WaitOutcome outcome = locks.acquireFrom(
                    conflict.holder, session.owner(), conflict.target, LockMode.X, session.rule(-1, conflict.slotNow));
            if (!(outcome instanceof WaitOutcome.Granted)) {
                throw session.refusal(outcome);
            }
            waitedFor = conflict.target;
        }
    }

    Write write(StorageSession session) {
        if (table.primary().getMainIndexColumn() >= 0) {
            storage.transactions().settle();
        }
        return new Write(session);
    }

    /** Somebody's uncommitted value in the way, and how to see whether it still is. */
    private record Conflict(LockTarget.UniqueKey target, OwnerId holder, IntSupplier slotNow) {}

    private Optional<Conflict> conflict(StorageSession session, Row row) {
        int own = session.h2().getTransaction().getId();
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique()) {
                Optional<Conflict> conflict = conflict(own, index, row);
                if (conflict.isPresent()) {
                    return conflict;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Conflict> conflict(int own, Index index, Row row) {
        int slot = slotInTheWay(own, index, row);
        Optional<OwnerId> holder =
                slot == 0 ? Optional.empty() : storage.transactions().ownerOf(slot);
        return holder.filter(owner -> slotInTheWay(own, index, row) == slot
                        && storage.transactions().ownerOf(slot).equals(holder))
                .map(owner -> new Conflict(
                        new LockTarget.UniqueKey(table.target(), index.getId(), H2Names.text(index.getColumns(), row)),
                        owner,
                        () -> slotInTheWay(own, index, row)));
    }

    /** The slot of a transaction that has an uncommitted value where the row's is to go; 0 if there is none. */
    private int slotInTheWay(int own, Index index, Row row) {
        int main = table.primary().getMainIndexColumn();
        if (index.getColumns().length == 1 && index.getColumns()[0].getColumnId() == main) {
            VersionedValue<SearchRow> version =
                    table.primary().getMVMap().get(row.getValue(main).getLong());
            return version == null ? 0 : other(own, version);
        }
        return index instanceof MVIndex<?, ?> secondary ? slotInTheWay(own, secondary, row) : 0;
    }

    @SuppressWarnings("unchecked") // the keys of every index but the primary are rows
    private static int slotInTheWay(int own, MVIndex<?, ?> index, Row row) {
        MVMap<SearchRow, VersionedValue<Value>> map =
                (MVMap<SearchRow, VersionedValue<Value>>) (MVMap<?, ?>) index.getMVMap();
        Cursor<SearchRow, VersionedValue<Value>> entries = map.cursor(
                CurrentEntries.bound(index, row, Long.MIN_VALUE),
                CurrentEntries.bound(index, row, Long.MAX_VALUE),
                false);
        while (entries.hasNext()) {
            entries.next();
            int slot = other(own, entries.getValue());
            if (slot != 0) {
                return slot;
            }
        }
        return 0;
    }

    private static int other(int own, VersionedValue<?> version) {
        int slot = OpenTransactions.slotOf(version);
        return slot == own ? 0 : slot;
    }
}
