package io.mortise.engine.storage.key;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.row.CurrentEntries.Entry;
import io.mortise.engine.storage.row.CurrentEntries.State;
import io.mortise.engine.storage.row.Holder;
import io.mortise.engine.storage.row.KeySharedRow;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.KeptKeys;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.constraint.ConstraintReferential;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.IndexColumn;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a foreign key refers to: sees that the parent of a written row is there, and stays until the
 * transaction ends. One thread, for one row.
 */
public final class ParentRows {
    /** Who has written the parent's row has gone before we looked: so often in a row that it is nobody we know. */
    private static final int TRIES = 100;

    private final StorageSession session;
    private final LockManager locks;
    private final LockableTable parents;
    private final ConstraintReferential key;
    private final Index index;
    /** The key that has been locked, before it is known whether its row stays. */
    private LockTarget.@Nullable RowKey locked;

    private int tries;

    public ParentRows(StorageSession session, LockableTable parents, ConstraintReferential key) {
        this.session = session;
        this.locks = session.locks();
        this.parents = parents;
        this.key = key;
        this.index = key.getReferencedConstraint().getIndex();
    }

    /**
     * A row of this table has been deleted, or one of its keys has changed: waits for all who rely on it. Nothing is
     * entered for that; who comes later sees the row that was written.
     */
    static void remove(StorageSession session, LockableTable table, Row before) {
        KeptKeys keys = session.keptKeys();
        boolean isFirst = keys.remove(session.statements().record());
        LockTarget.RowKey target = new LockTarget.RowKey(table.target(), before.getKey());
        LockManager locks = session.locks();
        if (KeySharedRow.isKept(session, table, target)) {
            keys.removing(isFirst ? before : null);
            try {
                session.waits()
                        .checkGranted(locks.acquire(
                                session.owner(),
                                target,
                                LockMode.X,
                                session.waits().rule(SessionWaits.AS_TOLD)));
            } finally {
                keys.removing(null);
            }
        }
    }

    /** Throws if the parent of this row is not there, or has gone after a wait. */
    void keep(Row child) {
        parents.refer(session);
        if (index instanceof MVDelegateIndex && isKeptByNumber(child)) {
            return;
        }
        SearchRow wanted = wanted(child);
        while (true) {
            Optional<Entry> found = entries().find(wanted);
            if (found.isEmpty()) {
                unlock();
                if (keys().locksWhatFailed()) {
                    continue;
                }
            }
            Entry parent = found.map(this::whole).orElseThrow(() -> missing(wanted));
            if (parent.isOwn()) {
                unlock();
                return; // Nobody else can remove what this transaction has written.
            }
            keys().present(wanted, parent.row());
            LockTarget.RowKey target = new LockTarget.RowKey(parents.target(), parent.row());
            if (session.keptKeys().isKept(target)) {
                return;
            }
            boolean isLeaving = isLeaving(parent);
            Optional<Holding> leaving =
                    isLeaving ? parent.holding(parents.storage().transactions()) : Optional.empty();
            if (target.equals(locked)
                    && (isLeaving ? willSeeUs(parent, leaving, target, wanted) : isStill(parent, wanted))) {
                session.keptKeys().keep(target);
                return;
            }
            lock(target, parent, leaving);
        }
    }

    /**
     * Where the key is the number of the row, it is known without a look: locked first, the row has to be found once
     * only.
     *
     * @return is the row there and committed, so that nothing more has to be known of it?
     */
    private boolean isKeptByNumber(Row child) {
        long row = parent(0, child).getLong();
        LockTarget.RowKey target = new LockTarget.RowKey(parents.target(), row);
        boolean isKept = session.keptKeys().isKept(target);
        if (!isKept && tryShare(target)) {
            locked = target;
        }
        if (!isKept && locked == null || session.serial().isOpen()) {
            return false;
        }
        VersionedValue<SearchRow> version = parents.primary().getMVMap().get(row);
        boolean isThere = version != null && OpenTransactions.slotOf(version) == 0 && version.getCurrentValue() != null;
        if (isThere && !isKept) {
            Spot.ROW_SEEN.pass();
            session.keptKeys().keep(target);
        }
        return isThere;
    }

    /**
     * Who would be waited for if this row were written now, for its parent may go; a value that is not known is null.
     */
    @SuppressWarnings("ConstantValue") // H2 says nothing of it.
    public Optional<Holding> leaving(Row child) {
        for (IndexColumn column : key.getColumns()) {
            if ((Object) child.getValue(column.column.getColumnId()) == null) {
                return Optional.empty();
            }
        }
        return entries()
                .find(wanted(child))
                .map(this::whole)
                .filter(parent -> !parent.isOwn() && isLeaving(parent))
                .flatMap(parent -> parent.holding(parents.storage().transactions()));
    }

    /** Made when it is asked: mostly the row is found by its number. */
    private CurrentEntries entries() {
        return new CurrentEntries(session.h2(), index);
    }

    private SearchRow wanted(Row child) {
        SearchRow wanted = parents.getRowFactory().createRow();
        for (int i = 0; i < key.getColumns().length; i++) {
            wanted.setValue(key.getRefColumns()[i].column.getColumnId(), parent(i, child));
        }
        return wanted;
    }

    /** What the parent has in the column of the key to which this one of the child refers. */
    private Value parent(int column, Row child) {
        return key.getRefColumns()[column].column.convert(
                session.h2(), ForeignKeys.value(child, key.getColumns()[column]));
    }

    /**
     * Was it the transaction that has the row of which {@link #isLeaving} has asked? Its slot may have been given to
     * another, which has removed nothing.
     */
    private boolean isStill(Entry parent, SearchRow wanted) {
        return parent.state() == State.THERE
                || entries()
                        .find(wanted)
                        .map(this::whole)
                        .filter(now -> now.version() == parent.version())
                        .isPresent();
    }

    private boolean tryShare(LockTarget.RowKey target) {
        locks.begin(session.owner());
        return parents.gate().tryShareKey(session.owner(), target);
    }

    private boolean isLeaving(Entry parent) {
        Spot.ROW_SEEN.pass();
        return parent.state() == State.LEAVING
                || parent.state() == State.TOUCHED
                        && parents.storage().transactions().hasRemovedKeys(parent.slot());
    }

    /**
     * The entry of an index tells of its columns only. If another transaction has removed another key of the row, all
     * of them are its. It may have looked for children already when this one locks the keys, and not look again.
     */
    private Entry whole(Entry found) {
        if (found.isOwn() || found.state() != State.THERE || index instanceof MVDelegateIndex) {
            return found;
        }
        MVMap<Long, VersionedValue<SearchRow>> rows = parents.primary().getMVMap();
        VersionedValue<SearchRow> row = rows.get(found.row());
        int slot = row == null ? 0 : OpenTransactions.slotOf(row);
        return row == null || slot == 0 || slot == session.h2().getTransaction().getId()
                ? found
                : new Entry(found.row(), State.TOUCHED, row, false, () -> Holder.slotOf(parents, found.row()));
    }

    /**
     * Does the transaction that removes the row stand in line for its keys, before it looks for children of this one?
     * It must not have removed anything earlier: a roll-back to a savepoint could take the row away again without a
     * look.
     */
    private boolean willSeeUs(Entry parent, Optional<Holding> leaving, LockTarget.RowKey target, SearchRow wanted) {
        return leaving.flatMap(holder -> locks.waiting(holder.owner().session()))
                        .filter(request -> request.target().equals(target))
                        .isPresent()
                && parents.storage()
                        .transactions()
                        .keptKeys(parent.slot())
                        .flatMap(KeptKeys::leaving)
                        .filter(before -> before.getKey() == target.key() && index.compareRows(before, wanted) == 0)
                        .isPresent();
    }

    private void lock(LockTarget.RowKey target, Entry parent, Optional<Holding> leaving) {
        unlock();
        if (!isLeaving(parent)) {
            if (!tryShare(target)) {
                session.waits()
                        .checkGranted(locks.acquire(
                                session.owner(),
                                target,
                                LockMode.S,
                                session.waits().rule(SessionWaits.AS_TOLD)));
            }
            locked = target;
        } else if (leaving.isPresent()) {
            awaitRow(parent, leaving.get());
        } else {
            giveUpOnAStranger();
        }
    }

    /**
     * Waits for who has removed or touched the row, and for the row as a whole. Others may share its keys; the owner of
     * the row may be waiting for those, or not want them at all.
     */
    private void awaitRow(Entry parent, Holding holder) {
        LockTarget.Row row = new LockTarget.Row(parents.target(), parent.row());
        session.transactionLocks().awaitRow(holder, row, LockMode.S, parent.slotNow());
    }

    private void unlock() {
        LockTarget.RowKey target = locked;
        if (target != null) {
            locks.release(session.owner().id(), target);
            locked = null;
        }
    }

    private void giveUpOnAStranger() {
        if (++tries == TRIES) {
            parents.storage().tripped();
            throw DbException.get(ErrorCode.CONCURRENT_UPDATE_1, parents.getName());
        }
    }

    private SnapshotKeys keys() {
        return new SnapshotKeys(session, parents, index);
    }

    private DbException missing(SearchRow wanted) {
        unlock();
        keys().absent(wanted, SearchRow.MATCH_ALL_ROW_KEY);
        return DbException.get(
                ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_PARENT_MISSING_1, ForeignKeys.describe(key, index, wanted));
    }
}
