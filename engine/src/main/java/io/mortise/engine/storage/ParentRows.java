package io.mortise.engine.storage;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.CurrentEntries.Entry;
import io.mortise.engine.storage.CurrentEntries.State;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.constraint.ConstraintReferential;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a foreign key refers to: sees that the parent of a written row is there, and stays until the transaction
 * ends. One thread, for one row.
 */
final class ParentRows {
    /** Who has written the parent's row has gone before we looked: so often in a row that it is nobody we know. */
    private static final int TRIES = 100;

    private final StorageSession session;
    private final LockManager locks;
    private final GuardedTable parents;
    private final ConstraintReferential key;
    private final Index index;
    private final CurrentEntries entries;
    /** The key that has been locked, before it is known whether its row stays. */
    private LockTarget.@Nullable RowKey locked;

    private int tries;

    ParentRows(StorageSession session, GuardedTable parents, ConstraintReferential key) {
        this.session = session;
        this.locks = session.locks();
        this.parents = parents;
        this.key = key;
        this.index = key.getReferencedConstraint().getIndex();
        this.entries = new CurrentEntries(session.h2(), index);
    }

    /**
     * A row of this table has been deleted, or its key has changed: waits for all who rely on it. Nothing is entered for
     * that; who comes later sees the row that was written.
     */
    static void remove(StorageSession session, GuardedTable table, long row) {
        session.transactionLocks().keptKeys().remove();
        LockTarget.RowKey target = new LockTarget.RowKey(table.target(), row);
        LockManager locks = session.locks();
        if (!locks.admits(session.owner(), target)) {
            check(session, locks.acquire(session.owner(), target, LockMode.X, session.rule(-1)));
        }
    }

    /** Throws if the parent of this row is not there, or has gone after a wait. */
    void keep(Row child) {
        parents.refer(session);
        SearchRow wanted = wanted(child);
        while (true) {
            Entry parent = entries.find(wanted).orElseThrow(() -> missing(wanted));
            if (parent.isOwn()) {
                return; // Nobody else can remove what this transaction has written.
            }
            LockTarget.RowKey target = new LockTarget.RowKey(parents.target(), parent.row());
            if (session.transactionLocks().keptKeys().isKept(target)) {
                return;
            }
            Optional<Holding> leaving =
                    isLeaving(parent) ? parent.holding(parents.storage().transactions()) : Optional.empty();
            if (target.equals(locked) && (!isLeaving(parent) || waitsForUs(leaving, target))) {
                session.transactionLocks().keptKeys().keep(target);
                return;
            }
            lock(target, parent, leaving);
        }
    }

    private SearchRow wanted(Row child) {
        SearchRow wanted = parents.getRowFactory().createRow();
        for (int i = 0; i < key.getColumns().length; i++) {
            Column column = key.getRefColumns()[i].column;
            wanted.setValue(
                    column.getColumnId(), column.convert(session.h2(), ForeignKeys.value(child, key.getColumns()[i])));
        }
        return wanted;
    }

    private boolean isLeaving(Entry parent) {
        return parent.state() == State.LEAVING
                || parent.state() == State.TOUCHED
                        && parents.storage().transactions().hasRemovedKeys(parent.slot());
    }

    /** Does the transaction that removes the row stand in line for its key? Then it will see the child. */
    private boolean waitsForUs(Optional<Holding> leaving, LockTarget.RowKey target) {
        return leaving.flatMap(holder -> locks.waiting(holder.owner().session()))
                .filter(request -> request.target().equals(target))
                .isPresent();
    }

    private void lock(LockTarget.RowKey target, Entry parent, Optional<Holding> leaving) {
        unlock();
        if (isLeaving(parent)) {
            if (leaving.isEmpty()) {
                giveUpOnAStranger();
                return;
            }
            check(
                    session,
                    locks.acquireFrom(
                            leaving.get(), session.owner(), target, LockMode.S, session.rule(-1, parent.slotNow())));
        }
        // Once more after a wait, because a holder that was not there any more is not waited for, and nothing entered.
        check(session, locks.acquire(session.owner(), target, LockMode.S, session.rule(-1)));
        locked = target;
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

    private DbException missing(SearchRow wanted) {
        unlock();
        return DbException.get(
                ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_PARENT_MISSING_1, ForeignKeys.describe(key, index, wanted));
    }

    private static void check(StorageSession session, WaitOutcome outcome) {
        if (!(outcome instanceof WaitOutcome.Granted)) {
            throw session.refusal(outcome);
        }
    }
}
