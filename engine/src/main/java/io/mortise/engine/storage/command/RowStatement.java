package io.mortise.engine.storage.command;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.Party;
import io.mortise.engine.storage.ending.LateEnding;
import io.mortise.engine.storage.session.StorageSession;
import java.sql.SQLException;
import java.util.Set;
import org.h2.api.ErrorCode;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.IsolationLevel;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.LocalResult;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * A statement that reads or changes rows, or commits, and what is known of it from one execution to the next: its
 * steps, for {@link OwnCommand} to run in H2's order. One thread, the one that is in the session.
 */
abstract class RowStatement extends CommandContainer implements KeptResults.Source {
    private final OwnCommands all;
    final StorageSession own;
    private final Database database;
    private final String text;
    private final boolean isCommit;
    private Reach reach = Reach.UNKNOWN;
    /** Has it waited for another session, since its client handed it over? */
    private boolean isLate;
    /** What it reads by if it is a query that needs no slot. */
    final LoneRead alone = new LoneRead();

    RowStatement(OwnCommands all, StorageSession own, Prepared prepared, String text) {
        super(own.h2(), text, prepared);
        this.all = all;
        this.own = own;
        this.database = own.storage().database();
        this.text = text;
        this.isCommit = prepared.getType() == CommandInterface.COMMIT;
    }

    final Party.Occupation occupation() {
        return own.owner().occupation();
    }

    final Database database() {
        return database;
    }

    final boolean isCommit() {
        return isCommit;
    }

    /** Does the engine run it now? */
    final boolean isOwn() {
        return all.areOn(session);
    }

    /** Is each statement of a batch a transaction in autocommit, because it is decided at its end that it commits? */
    final boolean isDecidedRowByRow() {
        return session.getIsolationLevel() == IsolationLevel.SERIALIZABLE
                && own.storage().policy().serializesBySnapshot();
    }

    @Override
    public final Set<DbObject> getDependencies() {
        Dependencies.snapshotNext(own);
        return reach().dependencies();
    }

    @Override
    public final boolean changesUnseen() {
        return reach().changesUnseen();
    }

    /** {@inheritDoc} H2 walks through the whole statement, at each change, to see whether it reads the table. */
    @Override
    public final void invalidateCachedResult(Table table) {
        if (reach.mayKeepResultOf(CommandReflection.prepared(this), table)) {
            super.invalidateCachedResult(table);
        }
    }

    final Reach reach() {
        Prepared prepared = CommandReflection.prepared(this);
        long catalogue = database.getModificationMetaId(); // Asked first: what is found may be newer, and not older.
        if (!reach.isOf(prepared, catalogue)) {
            reach = Reach.of(prepared, catalogue);
        }
        return reach;
    }

    /** Waits while another session has the database for itself. */
    final void arrive() {
        startTimeNanos = 0;
        isLate = database.getExclusiveSession() != null;
        session.waitIfExclusiveModeEnabled();
    }

    /** Takes the statement's snapshot, and shows that it runs. */
    final void begin() {
        if (isCommit) {
            show(0);
            return;
        }
        Reach known = reach();
        if (known.isLoneRead() && alone.begins(own)) {
            show(database.getModificationDataId());
            return;
        }
        Transaction transaction = session.getTransaction();
        known.beginsIn(transaction, session, own.storage().policy());
        boolean isRead = Reach.readsWhatIsCommitted(transaction);
        if (known.hasMaps() && (isRead || Reach.hasItsSnapshot(transaction))) {
            long dataId = database.getModificationDataId();
            transaction.markStatementStart(known.snapshot(transaction, own.serial()));
            show(dataId);
        } else if (takesItsSnapshotLater(known)) {
            transaction.markStatementStart(Reach.NOTHING);
            show(database.getModificationDataId());
        } else {
            session.startStatementWithinTransaction(this);
        }
    }

    /**
     * Is the first table that it locks where a serializable transaction begins, and takes its snapshot? MERGE may look
     * into another table before.
     */
    private boolean takesItsSnapshotLater(Reach known) {
        return isDecidedRowByRow()
                && getCommandType() != CommandInterface.MERGE
                && !own.serial().isOpen()
                && !own.isSystem()
                && known.hasMaps()
                && database.getLockMode() != 0;
    }

    /**
     * Shows that it runs, since it was handed over: unless it has waited since then, or nobody has said when that was.
     */
    final void show(long dataId) {
        LockOwner owner = own.owner();
        long ended = owner.idleSince();
        long handedOver = own.statements().announcedSince(ended);
        boolean isKnown = ended != 0 && handedOver - ended >= 0 && !isLate;
        CommandReflection.started(
                session,
                this,
                dataId,
                isKnown ? all.clock().at(handedOver) : all.clock().now());
    }

    /** What H2 does at the end of a statement. */
    final void finish() {
        long ended = own.owner().idleSince();
        CommandReflection.endStatement(
                session, ended == 0 ? all.clock().now() : all.clock().at(ended));
    }

    @Override
    public final ResultInterface query(long maxRows) {
        try {
            return isOwn() ? run(maxRows) : queryAsH2(maxRows);
        } catch (Throwable e) {
            Course.fails(own, this, e);
            throw e;
        }
    }

    /** The same where it is known that the engine runs it. */
    final ResultInterface queryHere(long maxRows) {
        try {
            return run(maxRows);
        } catch (Throwable e) {
            LateEnding.tell(e);
            throw e;
        }
    }

    private ResultInterface run(long maxRows) {
        Prepared prepared = CommandReflection.prepared(this);
        if (isUnusual(prepared)) {
            return queryAsH2(maxRows);
        }
        Course.starts(own, this, text);
        CommandReflection.checkParameters(prepared);
        reach.checkSnapshot(prepared, own);
        ResultInterface result = reach.query(prepared, maxRows, own);
        reach.checkLook(prepared, own, alone);
        all.checkOpen(session);
        Course.ends(own, this, 0);
        return result;
    }

    private ResultInterface queryAsH2(long maxRows) {
        return Course.withoutYoung(this, own, () -> {
            Runnable check = Course.renew(this, own, alone);
            return Course.checked(own, () -> super.query(maxRows), check);
        });
    }

    private boolean isUnusual(Prepared prepared) {
        return prepared.needRecompile() || session.isClosed() || reach.isOlder(own);
    }

    @Override
    public final ResultWithGeneratedKeys update(@Nullable Object keys) {
        try {
            return isOwn() ? run(keys) : updateAsH2(keys);
        } catch (Throwable e) {
            Course.fails(own, this, e);
            throw e;
        }
    }

    /** The same where it is known that the engine runs it. */
    final ResultWithGeneratedKeys updateHere(@Nullable Object keys) {
        try {
            return run(keys);
        } catch (Throwable e) {
            LateEnding.tell(e);
            throw e;
        }
    }

    private ResultWithGeneratedKeys run(@Nullable Object keys) {
        Prepared prepared = CommandReflection.prepared(this);
        if (isUnusual(prepared)) {
            return updateAsH2(keys);
        }
        Course.starts(own, this, text);
        CommandReflection.checkParameters(prepared);
        reach.checkSnapshot(prepared, own);
        ResultWithGeneratedKeys result = update(prepared, keys);
        all.checkOpen(session);
        Course.ends(own, this, result.getUpdateCount());
        return result;
    }

    private ResultWithGeneratedKeys updateAsH2(@Nullable Object keys) {
        return Course.changeWithoutYoung(this, own, alone, () -> super.update(keys));
    }

    private ResultWithGeneratedKeys update(Prepared prepared, @Nullable Object keys) {
        if (keys == null || !wants(keys)) {
            return ResultWithGeneratedKeys.of(reach.change(prepared, session));
        }
        return prepared instanceof DataChangeStatement change && prepared.getType() != CommandInterface.DELETE
                ? CommandReflection.updateWithKeys(this, change, keys)
                : new ResultWithGeneratedKeys.WithKeys(prepared.update(), new LocalResult());
    }

    static boolean wants(@Nullable Object keys) {
        return keys != null && !Boolean.FALSE.equals(keys);
    }

    /** Throws the error again unless the statement has to be repeated; returns since when it is. */
    final long again(DbException e, long since) {
        if (!Verdicts.isRepeated(e.getErrorCode()) || !isRetryable()) {
            throw e;
        }
        Course.refused(own, this);
        reach.failed(CommandReflection.prepared(this), session);
        long now = System.nanoTime();
        if (since != 0 && now - since > session.getLockTimeout() * 1_000_000L) {
            throw DbException.get(ErrorCode.LOCK_TIMEOUT_1, e);
        }
        return since != 0 ? since : now == 0 ? 1 : now;
    }

    /** With the statement's text, and the reason if it was cancelled for one. */
    final DbException named(DbException failure) {
        return Verdicts.why(own, failure).addSQL(text);
    }

    /** Tells of an error. False if nothing more may be done in this database: memory has run out. */
    final boolean told(DbException failure) {
        reach.failed(CommandReflection.prepared(this), session);
        SQLException error = failure.getSQLException();
        database.exceptionThrown(error, text);
        if (error.getErrorCode() == ErrorCode.OUT_OF_MEMORY) {
            database.shutdownImmediately();
            return false;
        }
        return true;
    }
}
