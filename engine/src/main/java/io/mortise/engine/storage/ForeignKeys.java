package io.mortise.engine.storage;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.IndexColumn;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * Keeps foreign keys whole while others write. Thread-safe.
 *
 * <p>H2 checks them against a snapshot: with one session deleting the parent and another inserting the child, each looks at
 * a moment at which the other has done nothing, and an orphan stays. So a child takes S on the key of its parent, which an
 * update that leaves the key alone does not meet, and whoever takes a parent away takes X on it. Both first write or lock,
 * and then look: at least one sees the other. And after H2's check it is asked whether the answer holds for what is
 * committed now; if not, the statement is repeated on a new snapshot.
 */
final class ForeignKeys {
    private final LockingTable table;
    private final Storage storage;
    private final LockManager locks;

    ForeignKeys(LockingTable table, Storage storage) {
        this.table = table;
        this.storage = storage;
        this.locks = storage.locks();
    }

    /** Locks what a change of a row needs to stay as it is, lets H2 check, and looks whether that was the truth. */
    void check(StorageSession session, @Nullable Row before, @Nullable Row after, Runnable byH2) {
        boolean any = false;
        boolean parentsAreThere = true;
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential key && isChecked(key)) {
                any = true;
                if (key.getTable() == table && after != null && changes(session, key.getColumns(), before, after)) {
                    parentsAreThere &= lockParent(session, key, after);
                }
                if (key.getRefTable() == table
                        && before != null
                        && changes(session, key.getRefColumns(), after, before)) {
                    lockKey(session, before);
                }
            }
        }
        if (!any) {
            byH2.run();
            return;
        }
        run(session, byH2, parentsAreThere);
        if (before != null) {
            checkNoOrphans(session, before, after);
        }
    }

    private boolean isChecked(ConstraintReferential key) {
        return storage.database().getReferentialIntegrity()
                && key.getTable().getCheckForeignKeyConstraints()
                && key.getRefTable().getCheckForeignKeyConstraints();
    }

    private void run(StorageSession session, Runnable byH2, boolean parentsAreThere) {
        try {
            byH2.run();
        } catch (DbException e) {
            boolean missed = e.getErrorCode() == ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_PARENT_MISSING_1;
            throw missed && parentsAreThere ? stale(session, e) : e;
        }
        if (!parentsAreThere) {
            throw stale(
                    session,
                    DbException.get(
                            ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_PARENT_MISSING_1,
                            "the parent row was deleted since this transaction's snapshot"));
        }
    }

    /** H2 has looked at a snapshot that is no longer true: a new one, if the isolation level has more than one. */
    private static DbException stale(StorageSession session, DbException otherwise) {
        return session.h2().getTransaction().allowNonRepeatableRead()
                ? session.transactionLocks().repeat("a foreign key")
                : otherwise;
    }

    // --- the child's side
    // ---------------------------------------------------------------------------------------------

    /** True if the parent is there and stays; false if there is none now. A child that refers to itself needs none. */
    private boolean lockParent(StorageSession session, ConstraintReferential key, Row child) {
        if (!(key.getRefTable() instanceof LockingTable parent)) {
            return true;
        }
        SearchRow wanted = wanted(session.h2(), key, child);
        if (wanted == null || parent == table && refersToItself(session, key, child)) {
            return true;
        }
        session.transactionLocks().lock(parent, LockMode.IS);
        Index index = key.getReferencedConstraint().getIndex();
        while (true) {
            Optional<CommittedNow.Entry> entry = CommittedNow.find(session, parent, index, wanted);
            if (entry.isEmpty()) {
                return false;
            }
            LockTarget.RowKey target =
                    new LockTarget.RowKey(parent.target(), entry.get().rowKey());
            if (session.transactionLocks().holdsKey(target)) {
                return true; // Since an earlier child: who takes the parent away waits for us.
            }
            share(session, target, Optional.empty());
            Optional<CommittedNow.Entry> again = CommittedNow.find(session, parent, index, wanted);
            if (again.isPresent() && again.get().isCertain()) {
                session.transactionLocks().keepKey(target);
                return true;
            }
            // It is on its way in or out. Who moves it must not find us in the way while we wait.
            locks.release(session.owner().id(), target);
            again.flatMap(moving -> storage.transactions().ownerOf(moving.slot()))
                    .ifPresent(mover -> {
                        share(session, target, Optional.of(mover));
                        locks.release(session.owner().id(), target);
                    });
        }
    }

    private void share(StorageSession session, LockTarget.RowKey target, Optional<OwnerId> from) {
        WaitOutcome outcome = from.isPresent()
                ? locks.acquireFrom(from.get(), session.owner(), target, LockMode.S, session.rule(-1))
                : locks.acquire(session.owner(), target, LockMode.S, session.rule(-1));
        if (!(outcome instanceof WaitOutcome.Granted)) {
            throw session.refusal(outcome);
        }
    }

    private static @Nullable SearchRow wanted(SessionLocal session, ConstraintReferential key, Row child) {
        SearchRow wanted = key.getRefTable().getTemplateRow();
        IndexColumn[] from = key.getColumns();
        IndexColumn[] to = key.getRefColumns();
        for (int i = 0; i < from.length; i++) {
            Value value = child.getValue(from[i].column.getColumnId());
            if (value == ValueNull.INSTANCE) {
                return null;
            }
            wanted.setValue(to[i].column.getColumnId(), to[i].column.convert(session, value));
        }
        return wanted;
    }

    private static boolean refersToItself(StorageSession session, ConstraintReferential key, Row child) {
        for (int i = 0; i < key.getColumns().length; i++) {
            Value own = child.getValue(key.getRefColumns()[i].column.getColumnId());
            if (!session.h2().areEqual(own, child.getValue(key.getColumns()[i].column.getColumnId()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean changes(StorageSession session, IndexColumn[] columns, @Nullable Row other, Row row) {
        if (other == null) {
            return true;
        }
        for (IndexColumn column : columns) {
            int id = column.column.getColumnId();
            if (!session.h2().areEqual(row.getValue(id), other.getValue(id))) {
                return true;
            }
        }
        return false;
    }

    // --- the parent's side
    // --------------------------------------------------------------------------------------------

    /** The key of a row goes: waits for those whose new children need it. */
    private void lockKey(StorageSession session, Row parent) {
        LockTarget.RowKey target = new LockTarget.RowKey(table.target(), parent.getKey());
        if (locks.mayBeContended(target)) {
            WaitOutcome outcome = locks.acquire(session.owner(), target, LockMode.X, session.rule(-1));
            if (!(outcome instanceof WaitOutcome.Granted)) {
                throw session.refusal(outcome);
            }
        }
    }

    private void checkNoOrphans(StorageSession session, Row before, @Nullable Row after) {
        List<ConstraintReferential> keys = new ArrayList<>();
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintReferential key
                    && isChecked(key)
                    && key.getRefTable() == table
                    && changes(session, key.getRefColumns(), after, before)) {
                keys.add(key);
            }
        }
        for (ConstraintReferential key : keys) {
            if (key.getTable() instanceof LockingTable child && hasChild(session, key, child, before)) {
                throw stale(
                        session,
                        DbException.get(
                                ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_CHILD_EXISTS_1,
                                "a child row was inserted since this transaction's snapshot"));
            }
        }
    }

    private static boolean hasChild(StorageSession session, ConstraintReferential key, LockingTable child, Row parent) {
        SearchRow wanted = child.getTemplateRow();
        for (int i = 0; i < key.getColumns().length; i++) {
            Value value = parent.getValue(key.getRefColumns()[i].column.getColumnId());
            if (value == ValueNull.INSTANCE) {
                return false;
            }
            wanted.setValue(
                    key.getColumns()[i].column.getColumnId(), key.getColumns()[i].column.convert(session.h2(), value));
        }
        return CommittedNow.find(session, child, key.getIndex(), wanted)
                .filter(CommittedNow.Entry::isCertain)
                .isPresent();
    }
}
