package io.mortise.engine.storage.key;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.KeyText;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.h2.api.ErrorCode;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.LocalResult;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Waits where a write meets a value of a unique key that another transaction has written and not committed.
 * Thread-safe.
 *
 * <p>Storage is tried first. If it says that somebody is in the way, it has undone what it did; then who that is is
 * looked up, waited for, and storage is tried again.
 */
public final class UniqueKeys {
    /** Who was in the way has gone before we looked: so often in a row that is no coincidence. */
    private static final int TRIES = 100;

    private final LockableTable table;
    private final OpenDatabase storage;
    private final LockManager locks;

    public UniqueKeys(LockableTable table, OpenDatabase storage) {
        this.table = table;
        this.storage = storage;
        this.locks = storage.locks();
    }

    /** A write that is tried until nobody is in its way. One thread. */
    public final class Write {
        private final StorageSession session;
        private final long place;
        private @Nullable LockTarget waitedFor;
        private int tries;

        private Write(StorageSession session) {
            this.session = session;
            this.place = session.h2().getTransaction().setSavepoint();
        }

        /** Storage has taken it. */
        public void done() {
            LockTarget target = waitedFor;
            if (target != null) {
                locks.confirm(session.owner(), target);
            }
        }

        /** Storage has refused it: waits, if it is for somebody to wait for, or throws. */
        public void refused(DbException said, Row row) {
            DbException refusal = SearchOfH2.undone(session.h2().getTransaction(), place, said);
            Optional<Duplicate> duplicate = Duplicate.of(session, table, refusal, row);
            duplicate.ifPresent(this::checkRace);
            Optional<Conflict> leaving = leaving(refusal, row);
            if (leaving.isPresent()) {
                StoreReflection.settle(session.h2().getTransaction());
                await(refusal, leaving);
            } else {
                duplicate.ifPresent(this::keep);
                ShownDuplicates.of(session, table, refusal).ifPresent(shown -> shown.check(row));
                retract(refusal);
                await(refusal, conflict(session, row));
            }
        }

        /** A value whose row an open transaction has deleted, or given another: storage takes it for one that stays. */
        private Optional<Conflict> leaving(DbException refusal, Row row) {
            return refusal.getErrorCode() == ErrorCode.DUPLICATE_KEY_1
                            && refusal.getSource() instanceof MVSecondaryIndex index
                    ? conflict(session.h2().getTransaction().getId(), index, row)
                    : Optional.empty();
        }

        /** The same for many rows, an old and a new one by turns. */
        public void refused(DbException said, LocalResult rows) {
            DbException refusal = SearchOfH2.undone(session.h2().getTransaction(), place, said);
            ShownDuplicates.of(session, table, refusal).ifPresent(shown -> shown.check(rows, place));
            retract(refusal);
            rows.reset();
            Optional<Conflict> conflict = Optional.empty();
            while (conflict.isEmpty() && rows.next()) {
                rows.next();
                conflict = conflict(session, rows.currentRowForTable());
            }
            await(refusal, conflict);
        }

        private void checkRace(Duplicate duplicate) {
            if (duplicate.isNews(waitedFor)) {
                StoreReflection.settle(session.h2().getTransaction());
                giveBack();
                throw duplicate.lostRace();
            }
        }

        /** Waits for the row's owner, so nothing of this write may be left that others wait for. */
        private void keep(Duplicate duplicate) {
            if (duplicate.isToBeChanged()) {
                StoreReflection.settle(session.h2().getTransaction());
                giveBack();
                duplicate.keep();
            }
        }

        private void retract(DbException refusal) {
            Transaction transaction = H2Reflection.transaction(session.h2());
            if (transaction != null) {
                StoreReflection.settle(transaction);
            }
            if (refusal.getErrorCode() != ErrorCode.CONCURRENT_UPDATE_1) {
                giveBack();
                throw refusal;
            }
        }

        private void giveBack() {
            LockTarget target = waitedFor;
            if (target != null) {
                locks.release(session.owner().id(), target);
                waitedFor = null;
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
                    conflict.holder,
                    session.owner(),
                    conflict.target,
                    LockMode.X,
                    session.waits().rule(SessionWaits.AS_TOLD, conflict.slotNow));
            StoreReflection.reopen(session.h2().getTransaction());
            session.waits().checkGranted(outcome);
            waitedFor = conflict.target;
        }
    }

    public Write write(StorageSession session) {
        if (table.primary().getMainIndexColumn() >= 0) {
            storage.transactions().settle();
        }
        return new Write(session);
    }

    /** Somebody's uncommitted value in the way, and how to see whether it still is. */
    public record Conflict(LockTarget.UniqueKey target, Holding holder, IntSupplier slotNow) {}

    /** @param row with null, which is no value to H2, where a value is not known */
    public Optional<Conflict> conflict(StorageSession session, Row row) {
        int own = session.h2().getTransaction().getId();
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique() && isKnown(index, row)) {
                Optional<Conflict> conflict = conflict(own, index, row);
                if (conflict.isPresent()) {
                    return conflict;
                }
            }
        }
        return Optional.empty();
    }

    @SuppressWarnings("ConstantValue") // H2 says nothing of it.
    public static boolean isKnown(Index index, Row row) {
        for (Column column : index.getColumns()) {
            if ((Object) row.getValue(column.getColumnId()) == null) {
                return false;
            }
        }
        return true;
    }

    private Optional<Conflict> conflict(int own, Index index, Row row) {
        Optional<VersionedValue<?>> found = inTheWay(own, index, row);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        int slot = OpenTransactions.slotOf(found.get());
        Optional<Holding> holder = storage.transactions().holdingOf(found.get());
        return holder.filter(other -> slotInTheWay(own, index, row) == slot
                        && storage.transactions().isOwner(slot, other.owner()))
                .map(other -> new Conflict(
                        new LockTarget.UniqueKey(table.target(), index.getId(), KeyText.of(index.getColumns(), row)),
                        other,
                        () -> slotInTheWay(own, index, row)));
    }

    private int slotInTheWay(int own, Index index, Row row) {
        return inTheWay(own, index, row).map(OpenTransactions::slotOf).orElse(0);
    }

    /** What another transaction has there, and not committed, where the row's value is to go. */
    private Optional<VersionedValue<?>> inTheWay(int own, Index index, Row row) {
        int main = table.primary().getMainIndexColumn();
        if (index.getColumns().length == 1 && index.getColumns()[0].getColumnId() == main) {
            VersionedValue<SearchRow> version =
                    table.primary().getMVMap().get(row.getValue(main).getLong());
            return other(own, version);
        }
        return index instanceof MVIndex<?, ?> secondary ? inTheWay(own, secondary, row) : Optional.empty();
    }

    @SuppressWarnings("unchecked") // the keys of every index but the primary are rows
    private static Optional<VersionedValue<?>> inTheWay(int own, MVIndex<?, ?> index, Row row) {
        MVMap<SearchRow, VersionedValue<Value>> map =
                (MVMap<SearchRow, VersionedValue<Value>>) (MVMap<?, ?>) index.getMVMap();
        Cursor<SearchRow, VersionedValue<Value>> entries = map.cursor(
                CurrentEntries.bound(index, row, Long.MIN_VALUE),
                CurrentEntries.bound(index, row, Long.MAX_VALUE),
                false);
        while (entries.hasNext()) {
            entries.next();
            Optional<VersionedValue<?>> found = other(own, entries.getValue());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<VersionedValue<?>> other(int own, @Nullable VersionedValue<?> version) {
        int slot = version == null ? 0 : OpenTransactions.slotOf(version);
        return slot == own || slot == 0 ? Optional.empty() : Optional.ofNullable(version);
    }
}
