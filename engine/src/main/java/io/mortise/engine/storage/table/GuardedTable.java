package io.mortise.engine.storage.table;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.key.ForeignKeys;
import io.mortise.engine.storage.row.KeySharedRow;
import io.mortise.engine.storage.serial.Noted;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.session.TransactionLocks;
import org.h2.api.ErrorCode;
import org.h2.api.Trigger;
import org.h2.command.CommandInterface;
import org.h2.command.ddl.CreateTableData;
import org.h2.constraint.Constraint;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.result.Row;
import org.h2.schema.Sequence;
import org.h2.schema.TriggerObject;
import org.jspecify.annotations.Nullable;

/** An H2 table whose foreign keys are checked by {@link ForeignKeys}. Thread-safe as its superclass is. */
public abstract class GuardedTable extends LockableTable {
    private final ForeignKeys foreignKeys = new ForeignKeys(this);
    /** Has it had a trigger, ever? */
    private volatile boolean hasTriggers;

    /** Has a statement altered it, or been about to? */
    private volatile boolean isAltered;

    GuardedTable(CreateTableData data, OpenDatabase storage) {
        super(data, storage);
    }

    @Override
    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    public final void fireAfterRow(
            SessionLocal session, @Nullable Row before, @Nullable Row after, boolean isRollback) {
        if (isRollback || !isLocking()) {
            super.fireAfterRow(session, before, after, isRollback);
            return;
        }
        StorageSession writer = storage().session(session);
        if (hasTriggers) {
            fireTriggers(writer, before, after);
        }
        Noted was = writer.serial().reads(writer.serial().isOpen() ? Noted.BY_READER : Noted.BY_TABLE);
        try {
            checkKeys(writer, before, after);
        } finally {
            writer.serial().reads(was);
        }
    }

    private void checkKeys(StorageSession writer, @Nullable Row before, @Nullable Row after) {
        if (!foreignKeys.check(writer, before, after) && before != null) {
            KeySharedRow.changed(writer, this, before, after);
        }
    }

    /**
     * {@inheritDoc} With this H2 begins a statement that changes rows. One that inserts looks at more of the table
     * before it locks it for the first row.
     */
    @Override
    public final void fire(SessionLocal session, int type, boolean isBefore) {
        int known = alterations();
        if (isBefore && type == Trigger.INSERT && isLocking()) {
            storage().session(session).transactionLocks().looksAt(this);
        }
        try {
            super.fire(session, type, isBefore);
        } catch (RuntimeException e) {
            throw failed(session, e, known);
        }
    }

    @Override
    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    public final boolean fireBeforeRow(SessionLocal session, @Nullable Row before, @Nullable Row after) {
        int known = alterations();
        try {
            return super.fireBeforeRow(session, before, after);
        } catch (RuntimeException e) {
            throw failed(session, e, known);
        }
    }

    /**
     * What H2 goes through before it has locked the table may be taken away meanwhile, and then fails in any way. If a
     * definition has done so, H2 repeats the statement.
     */
    private RuntimeException failed(SessionLocal session, RuntimeException error, int known) {
        boolean isViolation =
                error instanceof DbException h2 && h2.getErrorCode() == ErrorCode.CHECK_CONSTRAINT_VIOLATED_1;
        if (isViolation || !isLocking()) {
            return error;
        }
        TransactionLocks locks = storage().session(session).transactionLocks();
        if (locks.mode(this) != null) {
            return error;
        }
        try {
            locks.lock(this, LockMode.IX);
            return alterations() == known ? error : GoneTable.repeated(this);
        } catch (DbException e) {
            return e.getErrorCode() == ErrorCode.CONCURRENT_UPDATE_1 ? e : error;
        }
    }

    /** H2 asks before and after it writes. {@inheritDoc} Somebody may share the key of a row. */
    @Override
    public final boolean fireRow() {
        return super.fireRow() || isLocking() && storage().locks().mayBeContended();
    }

    /**
     * H2 does that together with the checks which come after the row is written: those of foreign keys, and no others.
     */
    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    private void fireTriggers(StorageSession writer, @Nullable Row before, @Nullable Row after) {
        boolean was = writer.keptKeys().setInsteadOfH2s(true);
        try {
            super.fireAfterRow(writer.h2(), before, after, false);
        } finally {
            writer.keptKeys().setInsteadOfH2s(was);
        }
    }

    @Override
    public final void addTrigger(TriggerObject trigger) {
        hasTriggers = true;
        SteadyParts.ofTriggers(this);
        super.addTrigger(trigger);
    }

    @Override
    public final void addConstraint(Constraint constraint) {
        SteadyParts.ofConstraints(this);
        super.addConstraint(constraint);
    }

    @Override
    public final void addSequence(Sequence sequence) {
        SteadyParts.ofSequences(this);
        super.addSequence(sequence);
    }

    /**
     * By this number H2 knows whether it may give out a result again that it has kept. It may not after a branch of a
     * distributed transaction has ended that no session had.
     */
    @Override
    public final long getMaxDataModificationId() {
        return Math.max(
                super.getMaxDataModificationId(), storage().transactions().lastBranchEnd());
    }

    /** H2 asks before each of its checks: it is to make none while they are made here. */
    @Override
    public final boolean getCheckForeignKeyConstraints() {
        return super.getCheckForeignKeyConstraints() && !isCheckedHere();
    }

    private boolean isCheckedHere() {
        SessionLocal running = runningHere();
        return running != null && storage().session(running).keptKeys().areInsteadOfH2s();
    }

    /** Asked before a foreign key onto this table is checked for the rows there are: until it is there, none may go. */
    @Override
    public final boolean canReference() {
        SessionLocal running = isLocking() ? runningHere() : null;
        if (running != null) {
            StorageSession definer = storage().session(running);
            if (definer.statements().type() != CommandInterface.CREATE_TABLE) {
                lock(definer, LockMode.S);
            }
        }
        return super.canReference();
    }

    /** A statement is about to alter the table: from now on its rights are checked with a look at that. */
    public final void isToBeAltered() {
        isAltered = true;
    }

    /**
     * H2 asks when it checks a right to write, and so at the beginning of every ALTER. Some change the table in memory
     * before they ask for a lock, and a few ask for none. A table that was dropped meanwhile no longer knows its
     * database, in which H2 looks; the lock is where a statement hears of that.
     */
    @Override
    public final void checkWritingAllowed() {
        storage().database().checkWritingAllowed();
        SessionLocal running = isAltered && isLocking() ? runningHere() : null;
        if (running != null
                && storage()
                        .session(running)
                        .statements()
                        .altered()
                        .filter(altered -> altered == this)
                        .isPresent()) {
            lock(storage().session(running), LockMode.X);
        }
    }
}
