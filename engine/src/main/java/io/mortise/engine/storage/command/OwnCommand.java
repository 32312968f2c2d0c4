package io.mortise.engine.storage.command;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.StorageSession;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.h2.api.ErrorCode;
import org.h2.command.Prepared;
import org.h2.engine.Mode.CharPadding;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.BatchResult;
import org.h2.result.MergedResult;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.result.ResultWithPaddedStrings;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A statement on rows that the engine runs itself, with all that H2 does and in its order: begins, repeats, undoes and
 * ends as H2's command does. What is the same at each execution is kept, and the engine is told of begin and end
 * without H2's detour. One thread, the one that is in the session.
 *
 * <p>Whenever something is not as usual it runs as H2's command that it is: while H2 traces, while somebody else
 * listens to H2, after the catalogue has changed.
 */
final class OwnCommand extends RowStatement {
    /**
     * After so many rows of a batch the store may forget the versions that it keeps for a statement that reads them.
     */
    private static final int ROWS_OF_A_SNAPSHOT = 64;

    /** What comes when a statement has been run. */
    private enum Next {
        COMMIT,
        ANOTHER_ROW,
        /** Memory has run out, and the database with it. */
        NOTHING
    }

    /**
     * The transaction of a batch whose last row has succeeded, and whose statement goes on with the next; else null.
     */
    private @Nullable Transaction openIn;

    OwnCommand(OwnCommands all, StorageSession own, Prepared prepared, String text) {
        super(all, own, prepared, text);
    }

    @Override
    public ResultInterface executeQuery(long maxRows, int fetchSize, boolean scrollable) {
        ResultInterface result = isOwn() ? queryAndCommit(maxRows) : super.executeQuery(maxRows, fetchSize, scrollable);
        own.acknowledge(); // It may have changed something: FINAL TABLE, a function.
        return result;
    }

    private ResultInterface queryAndCommit(long maxRows) {
        arrive();
        session.lock();
        try {
            begin();
            return queryInside(maxRows);
        } finally {
            alone.leave();
            session.unlock();
        }
    }

    private ResultInterface queryInside(long maxRows) {
        boolean stops = true;
        Session outer = CommandReflection.enter(session);
        try {
            ResultInterface result = repeatedQuery(maxRows);
            stops = !result.isLazy();
            return database().getMode().charPadding == CharPadding.IN_RESULT_SETS
                    ? ResultWithPaddedStrings.get(result)
                    : result;
        } catch (DbException e) {
            DbException failure = named(e);
            stops = told(failure);
            if (stops) {
                database().checkPowerOff();
            }
            throw failure;
        } finally {
            CommandReflection.leave(outer);
            finish();
            if (stops) {
                alone.commits();
                stop(true);
            }
        }
    }

    private ResultInterface repeatedQuery(long maxRows) {
        for (long since = 0; ; ) {
            database().checkPowerOff();
            try {
                return queryHere(maxRows);
            } catch (DbException e) {
                since = again(e, since);
            } catch (Throwable e) {
                throw converted(e);
            }
        }
    }

    @Override
    public ResultWithGeneratedKeys executeUpdate(@Nullable Object keys) {
        ResultWithGeneratedKeys result = isOwn() ? updateAndCommit(keys) : super.executeUpdate(keys);
        own.acknowledge();
        return result;
    }

    private ResultWithGeneratedKeys updateAndCommit(@Nullable Object keys) {
        session.lock();
        try {
            arrive();
            SessionLocal.Savepoint before = session.setSavepoint();
            begin();
            return updateInside(keys, before, Next.COMMIT);
        } finally {
            session.unlock();
        }
    }

    private ResultWithGeneratedKeys updateInside(@Nullable Object keys, SessionLocal.Savepoint before, Next planned) {
        Next next = planned;
        DbException failure = null;
        Session outer = CommandReflection.enter(session);
        try {
            ResultWithGeneratedKeys result = repeatedUpdate(keys);
            openIn = next == Next.COMMIT ? null : H2Reflection.transaction(session);
            return result;
        } catch (DbException e) {
            failure = named(e);
            if (told(failure)) {
                undo(before, failure);
            } else {
                next = Next.NOTHING;
            }
            throw failure;
        } finally {
            CommandReflection.leave(outer);
            if (openIn == null) {
                leave(next, failure);
            }
        }
    }

    private void undo(SessionLocal.Savepoint before, DbException failure) {
        try {
            database().checkPowerOff();
            if (failure.getErrorCode() == ErrorCode.DEADLOCK_1) {
                session.rollback();
            } else {
                session.rollbackTo(before);
            }
        } catch (Throwable e) {
            failure.addSuppressed(e);
        }
    }

    private ResultWithGeneratedKeys repeatedUpdate(@Nullable Object keys) {
        for (long since = 0; ; ) {
            database().checkPowerOff();
            try {
                return updateHere(keys);
            } catch (DbException e) {
                if (e.getSQLException() instanceof SQLNonTransientException) {
                    throw e;
                }
                since = again(e, since);
            } catch (Throwable e) {
                throw converted(e);
            }
        }
    }

    private DbException converted(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            database().shutdownImmediately();
        }
        return DbException.convert(e);
    }

    /** What H2 does behind every statement; where that fails too, the statement's own error is told. */
    private void leave(Next next, @Nullable DbException failure) {
        try {
            finish();
            if (next != Next.NOTHING) {
                Verdicts.commit(session, () -> stop(next == Next.COMMIT));
            }
        } catch (RuntimeException | Error e) {
            if (failure == null) {
                throw e;
            }
            failure.addSuppressed(e);
        }
    }

    @Override
    public BatchResult executeBatchUpdate(ArrayList<Value[]> rows, @Nullable Object keys) {
        boolean before = occupation().setInBatch(rows.size() > 1 || occupation().isInBatch());
        try {
            BatchResult result = executeRows(rows, keys);
            own.acknowledge();
            return result;
        } finally {
            occupation().setInBatch(before);
        }
    }

    private BatchResult executeRows(ArrayList<Value[]> rows, @Nullable Object keys) {
        if (wants(keys) || rows.size() < 2 || isCommit() || isDecidedRowByRow() || !isOwn()) {
            return super.executeBatchUpdate(rows, keys);
        }
        session.lock();
        try {
            arrive();
            long[] counts = new long[rows.size()];
            List<SQLException> failures = runRows(rows, counts);
            return new BatchResult(counts, keys == null ? null : new MergedResult().getResult(), failures);
        } finally {
            session.unlock();
        }
    }

    /** Each row is a statement, and those behind one that fails run too. One commit ends them all. */
    private List<SQLException> runRows(List<Value[]> rows, long[] counts) {
        List<SQLException> failures = new ArrayList<>();
        boolean isOver = false;
        Session outer = CommandReflection.enter(session); // For all rows: each would do so by itself.
        try {
            for (int i = 0; i < counts.length; i++) {
                set(rows.get(i));
                try {
                    counts[i] = runRow(i, i + 1 == counts.length ? Next.COMMIT : Next.ANOTHER_ROW);
                } catch (Exception e) {
                    failures.add(DbException.toSQLException(e));
                    counts[i] = Statement.EXECUTE_FAILED;
                }
            }
            isOver = true;
        } finally {
            CommandReflection.leave(outer);
            if (!isOver && openIn != null) {
                openIn = null;
                leave(Next.ANOTHER_ROW, null);
            }
        }
        return failures;
    }

    private void set(Value[] values) {
        List<? extends ParameterInterface> parameters = getParameters();
        for (int i = 0; i < values.length; i++) {
            parameters.get(i).setValue(values[i], true);
        }
    }

    private long runRow(int row, Next next) {
        Transaction before = openIn;
        openIn = null;
        if (before != null) {
            CommandReflection.ended(session);
        }
        SessionLocal.Savepoint savepoint = session.setSavepoint();
        if (before == null || before != session.getTransaction() || !goesOn(before, row)) {
            begin();
        }
        return updateInside(null, savepoint, next).getUpdateCount();
    }

    /** Starts a row within the statement of the row before, if that is as good as one of its own. */
    private boolean goesOn(Transaction transaction, int row) {
        Reach known = reach();
        if (!known.hasMaps() || !Reach.readsWhatIsCommitted(transaction)) {
            return false;
        }
        known.beginsIn(transaction, session, own.storage().policy());
        long dataId = database().getModificationDataId();
        if (!known.maps().isEmpty() || row % ROWS_OF_A_SNAPSHOT == 0) {
            transaction.markStatementStart(known.maps());
        }
        show(dataId);
        return true;
    }
}
