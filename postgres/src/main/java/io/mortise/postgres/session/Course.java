package io.mortise.postgres.session;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.journal.TransactionEntry.State;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import io.mortise.postgres.connection.Connections;
import io.mortise.postgres.connection.Cut;
import io.mortise.postgres.connection.Execution;
import io.mortise.postgres.connection.Turn;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * What runs in a session: how it begins, how it is told to end, and what is left of its transaction. A statement
 * belongs to the thread that came in with it; it is ended from any. Thread-safe.
 */
final class Course implements Connections.Ends {
    private static final System.Logger LOG = System.getLogger(Course.class.getName());

    private final PostgresDatabase database;
    private final BaseConnection below;
    private final LockOwner owner;
    private final SessionJournal journal;
    private final int id;
    private final Turn turn = new Turn();

    private volatile StatementRecord announced = StatementRecord.NONE;
    private volatile @Nullable Execution execution;
    private volatile Optional<WaitEnding> ending = Optional.empty();
    /** What took the transaction away that the client counts on. */
    private volatile Optional<WaitEnding> lost = Optional.empty();

    private volatile boolean autoCommit = true;
    private @Nullable SQLException failure; // of the execution; its thread's own
    private boolean endsByCommit; // the same

    Course(PostgresDatabase database, BaseConnection below, LockOwner owner) {
        this.database = database;
        this.below = below;
        this.owner = owner;
        this.id = owner.session();
        this.journal = database.journal().open(id, owner.user());
        owner.ends(System.nanoTime());
    }

    // What comes in and goes out.

    void announce(StatementRecord statement) {
        turn.comesIn();
        ending = ending.filter(WaitEnding::isForGood);
        failure = null;
        endsByCommit = false;
        announced = statement;
    }

    /** @param queryTimeout in milliseconds, 0 for none */
    void runBy(Statement statement, int queryTimeout) throws SQLException {
        StatementRecord record = announced;
        owner.starts(record);
        database.locks().begin(owner);
        journal.statementStarted(record);
        journal.transactionStarted(owner.id().transaction(), owner.startNanos());
        Execution begun = new Execution(record, statement);
        execution = begun;
        autoCommit = isAutoCommit();
        database.watch().begins();
        if (queryTimeout > 0) {
            WaitEnding passed =
                    new WaitEnding(WaitEnd.QUERY_TIMEOUT, 0, "The query timeout of " + queryTimeout + " ms has passed");
            begun.endsBy(Alarm.in(queryTimeout, () -> end(record.id(), passed)));
        }
        // Whoever ends it sets the ending and then looks for the execution: one of the two sees the other.
        Optional<WaitEnding> told = ending;
        if (told.isPresent()) {
            throw Errors.ofEnding(told.get(), false);
        }
    }

    void departed() {
        Execution ended = execution;
        execution = null;
        long now = ended == null ? System.nanoTime() : ended.over();
        if (ended != null) {
            journal.statementEnded(ended.record(), now, rows(ended), errorCode());
        }
        Optional<WaitEnding> told = ending;
        if (told.isPresent() && told.get().end().endsTransaction() && isOpen()) {
            rollBackBecause(told.get());
        }
        endTransactionIfOver(now);
        if (!owner.occupation().isStreaming()) {
            owner.ends(now);
        }
        turn.goesOut();
    }

    private long rows(Execution ended) {
        long rows = failure == null ? ended.rows() : -1;
        if (rows > 0) {
            owner.countRowsChanged(rows);
        }
        return rows;
    }

    private int errorCode() {
        SQLException failed = failure;
        return failed == null ? 0 : Math.max(1, failed.getErrorCode()); // The server's have no number.
    }

    private void endTransactionIfOver(long nanos) {
        if (owner.isActive() && below.getTransactionState() == TransactionState.IDLE) {
            boolean isDone = failure == null && lost.isEmpty() && (endsByCommit || isAutoCommit());
            database.locks().releaseAll(owner);
            journal.transactionEnded(nanos, isDone ? State.COMMITTED : State.ROLLED_BACK);
        }
    }

    @Override
    public void commit(Connections.Call call) throws SQLException {
        endsByCommit = true;
        call.run();
    }

    @Override
    public void rollback(Connections.Call call) throws SQLException {
        lost = Optional.empty();
        call.run();
    }

    @Override
    public void close(Connections.Call call) throws SQLException {
        try {
            call.run();
        } finally {
            leave();
        }
    }

    private void leave() {
        if (!turn.leaves()) {
            return;
        }
        database.locks().unregister(owner);
        journal.transactionEnded(System.nanoTime(), State.ROLLED_BACK);
        database.journal().close(journal);
        database.left(this);
    }

    void end(WaitEnding reason) {
        Optional<WaitEnding> before = ending;
        if (before.isPresent() && told().isPresent() && !reason.isStrongerThan(before.get())) {
            return;
        }
        boolean isIdle = !turn.isInside();
        if (!isIdle || reason.isForGood()) {
            ending = Optional.of(reason);
        }
        Execution running = execution;
        switch (reason.end()) {
            case SESSION_CLOSED ->
                EngineThread.run("mortise-cut-" + id, () -> Cut.off(below, Optional.ofNullable(running)));
            default -> {
                if (isIdle && reason.end().endsTransaction()) {
                    EngineThread.run("mortise-end-" + id, () -> endTransaction(reason));
                } else if (running != null) {
                    EngineThread.run("mortise-cancel-" + id, () -> cancel(running, reason));
                }
            }
        }
    }

    boolean end(long statement, WaitEnding reason) {
        Execution running = execution;
        if (running == null ? announced.id() != statement : running.record().id() != statement) {
            return false;
        }
        end(reason);
        return true;
    }

    /** Rolls back what has been idle since then, unless it is idle no more. */
    void rollBackIdle(long idleSince, WaitEnding reason) {
        if (!owner.occupation().isStreaming() && turn.beginsRollBack()) {
            rollBack(owner.idleSince() == idleSince, reason);
        }
    }

    /** Rolls back what nobody runs a statement in; if somebody has come in meanwhile, ends that. */
    private void endTransaction(WaitEnding reason) {
        if (turn.beginsRollBack()) {
            rollBack(true, reason);
            return;
        }
        ending = Optional.of(reason);
        Execution running = execution;
        if (running != null) {
            cancel(running, reason);
        }
    }

    /** A statement that cannot be cancelled is cut off: its thread would wait for ever for an answer. */
    private void cancel(Execution running, WaitEnding reason) {
        if (running.cancel(() -> !database.isRunning(owner.user(), id))) {
            return;
        }
        String why = EndingTexts.what(reason) + ", and the server did not answer, so the connection was cut";
        ending = Optional.of(new WaitEnding(WaitEnd.SESSION_CLOSED, reason.bySession(), why));
        Cut.off(below, Optional.empty());
    }

    private void rollBack(boolean isDue, WaitEnding reason) {
        try {
            if (isDue && below.getTransactionState() != TransactionState.IDLE) {
                rollBackBecause(reason);
                endTransactionIfOver(System.nanoTime());
            }
        } finally {
            turn.endsRollBack();
        }
    }

    /** What cannot be rolled back is cut off: the server rolls it back then. */
    private void rollBackBecause(WaitEnding reason) {
        boolean countsOnIt = !isAutoCommit() && below.getTransactionState() != TransactionState.IDLE;
        try {
            if (below.getTransactionState() != TransactionState.IDLE) {
                below.rollback();
            }
            if (countsOnIt) {
                lost = Optional.of(reason);
            }
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "rolling back session " + id, e);
            ending = Optional.of(new WaitEnding(WaitEnd.SESSION_CLOSED, reason.bySession(), reason.why()));
            Cut.off(below, Optional.empty());
        }
    }

    Optional<WaitEnding> told() {
        return turn.isInside() ? ending : Optional.empty();
    }

    boolean isRunning() {
        return execution != null;
    }

    Optional<WaitEnding> lost() {
        return lost;
    }

    Optional<WaitEnding> ending() {
        return ending;
    }

    /** What came in last, be it a statement or a call. */
    StatementRecord announced() {
        return announced;
    }

    boolean isOpen() {
        try {
            return !below.isClosed() && ending.filter(WaitEnding::isForGood).isEmpty();
        } catch (SQLException e) {
            return false;
        }
    }

    boolean isAutoCommit() {
        try {
            autoCommit = below.getAutoCommit();
        } catch (SQLException closed) {
            return autoCommit; // As it was before.
        }
        return autoCommit;
    }

    /** What runs has failed with this. */
    void failed(SQLException error) {
        if (failure == null) {
            failure = error;
            database.journal().errorRaised(owner.id(), announced, System.nanoTime(), error);
        }
    }

    /** Was the call a commit, whose outcome nobody knows if the connection broke? */
    boolean endsByCommit() {
        return endsByCommit || Errors.isCommit(announced.sql());
    }
}
