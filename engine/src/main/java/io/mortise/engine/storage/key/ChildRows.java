package io.mortise.engine.storage.key;

import io.mortise.engine.lock.Holding;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.row.CurrentEntries.Entry;
import io.mortise.engine.storage.row.CurrentEntries.State;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.h2.api.ErrorCode;
import org.h2.constraint.ConstraintReferential;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.message.DbException;
import org.h2.result.SearchRow;
import org.h2.schema.TriggerObject;

/**
 * The rows that refer to one that has been removed. To add to them, another has to lock that row's key first, and
 * cannot any more. One thread, for one row.
 */
final class ChildRows {
    private final StorageSession session;
    private final LockableTable children;
    private final ConstraintReferential key;
    private final SearchRow referring;
    private final long self;
    private Optional<OwnerId> waitedFor = Optional.empty();

    /**
     * @param referring the values with which they refer to it
     * @param self the removed row itself, if it is of the same table
     */
    ChildRows(StorageSession session, ConstraintReferential key, SearchRow referring, long self) {
        this.session = session;
        this.children = (LockableTable) key.getTable();
        this.key = key;
        this.referring = referring;
        this.self = self;
    }

    /** Throws if there are any. */
    void forbid() {
        awaitBranches();
        CurrentEntries entries = new CurrentEntries(session.h2(), key.getIndex());
        Optional<Entry> child = entries.other(referring, self);
        if (child.isPresent() && !child.get().isOwn() && keys().locksWhatFailed()) {
            child = entries.other(referring, self);
        }
        if (child.isPresent()) {
            if (!child.get().isOwn()) {
                keys().present(referring, child.get().row());
            }
            throw present();
        }
        keys().absent(referring, self);
    }

    /**
     * Has them deleted or changed with the row, if there are any. H2 finds those that the transaction's snapshot shows;
     * one that was committed since is a conflict where the snapshot must stay.
     */
    void follow(Runnable action) {
        awaitBranches();
        CurrentEntries entries = new CurrentEntries(session.h2(), key.getIndex());
        Optional<Entry> left = entries.find(referring);
        if (left.isEmpty()) {
            keys().absent(referring, self);
            if (hasStatementTriggers()) {
                action.run(); // They are called where no row is changed, too.
                left = entries.find(referring);
            }
        }
        while (left.isPresent()) {
            action.run();
            left = entries.find(referring);
            if (left.isPresent()) {
                lookAgain(left.get());
            }
        }
    }

    private boolean hasStatementTriggers() {
        List<TriggerObject> triggers = children.getTriggers();
        return triggers != null && triggers.stream().anyMatch(trigger -> !trigger.isRowBased());
    }

    /**
     * A branch that a crash has left shares no key of the parents that its rows refer to any more: its rows are looked
     * for.
     */
    private void awaitBranches() {
        OpenTransactions transactions = children.storage().transactions();
        CurrentEntries entries = new CurrentEntries(session.h2(), key.getIndex());
        Predicate<Entry> isLeft = entry -> transactions.left().hasWritten(entry.slot());
        for (Optional<Entry> child = entries.written(referring, isLeft);
                child.isPresent();
                child = entries.written(referring, isLeft)) {
            Entry found = child.get();
            LockTarget.Row row = new LockTarget.Row(children.target(), found.row());
            found.holding(transactions)
                    .ifPresent(branch -> session.transactionLocks().awaitRow(branch, row, LockMode.X, found.slotNow()));
        }
    }

    private SnapshotKeys keys() {
        return new SnapshotKeys(session, children, key.getIndex());
    }

    private void lookAgain(Entry left) {
        SessionLocal h2 = session.h2();
        LockTarget.Row row = new LockTarget.Row(children.target(), left.row());
        if (left.state() == State.LEAVING) {
            Optional<Holding> holding = children.storage().transactions().holdingOf(left.version());
            waitedFor = holding.map(Holding::owner);
            // A reader of what is not committed does not see a row that another is deleting, though it may yet stay.
            holding.ifPresent(holder -> session.transactionLocks().awaitRow(holder, row, LockMode.X, left.slotNow()));
        } else if (isSeen(left)) {
            throw present(); // The action has left it there, as a trigger can.
        } else if (!h2.getTransaction().allowNonRepeatableRead()) {
            throw session.waits().conflict(row, waitedFor);
        }
        h2.startStatementWithinTransaction(h2.getCurrentCommand());
    }

    /** Does the transaction's snapshot show this row? */
    private boolean isSeen(Entry left) {
        Cursor found = key.getIndex().find(session.h2(), referring, referring, false);
        while (found.next()) {
            if (found.getSearchRow().getKey() == left.row()) {
                return true;
            }
        }
        return false;
    }

    private DbException present() {
        return DbException.get(
                ErrorCode.REFERENTIAL_INTEGRITY_VIOLATED_CHILD_EXISTS_1,
                ForeignKeys.describe(key, key.getIndex(), referring));
    }
}
