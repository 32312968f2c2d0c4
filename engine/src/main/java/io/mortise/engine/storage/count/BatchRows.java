package io.mortise.engine.storage.count;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.Party.Occupation;
import io.mortise.engine.lock.StatementRecord;
import java.util.Optional;
import org.h2.command.Command;
import org.jspecify.annotations.Nullable;

/**
 * Tells the journal of the statements of a session, and of the rows of a prepared batch as of one statement. Used by
 * the thread that runs them, but for {@link #isShowingValues}.
 *
 * <p>H2 says of every row that a statement starts and ends. Rows of one batch are executions of one prepared statement
 * between which the thread does not leave the session. So an outermost statement is written down when the thread
 * leaves, or when another follows. Where values are shown, each row has its own and stays a statement: the script of a
 * deadlock needs them.
 */
public final class BatchRows {
    private final SessionJournal journal;
    private final Occupation occupation;
    private @Nullable Command command;
    private StatementRecord batch = StatementRecord.NONE;
    private int executions;
    private boolean ended;
    private long endedNanos;
    private long rows;
    private int error;
    /** Is it told when the thread leaves the session? */
    private boolean hearing;

    private volatile boolean showingValues;

    /** @param occupation is told which row of a batch runs */
    public BatchRows(SessionJournal journal, Occupation occupation) {
        this.journal = journal;
        this.occupation = occupation;
    }

    public void hearOfLeaving() {
        hearing = true;
    }

    public void setShowingValues(boolean isShowing) {
        showingValues = isShowing;
    }

    public boolean isShowingValues() {
        return showingValues;
    }

    /** An outermost statement is about to start: the batch of which it is the next row; empty if it is none. */
    public Optional<StatementRecord> goesOn(@Nullable Command next) {
        if (next != command || !ended) {
            over();
        }
        return command == null ? Optional.empty() : Optional.of(batch);
    }

    /** A statement starts inside another. */
    public void startsInside(StatementRecord statement) {
        journal.statementStarted(statement);
    }

    /** An outermost statement starts. */
    public void starts(StatementRecord statement, @Nullable Command by) {
        if (!hearing || showingValues || by == null) {
            journal.statementStarted(statement);
            occupation.setBatchRow(0);
        } else if (command == null) {
            command = by;
            batch = statement;
            executions = 1;
            ended = false;
            journal.statementStarted(statement);
            occupation.starts(statement.id());
        } else {
            goesOn();
        }
    }

    private void goesOn() {
        if (++executions == 2) {
            journal.batchStarted(batch);
            journal.rowEnded(endedNanos, rows, error);
        }
        journal.rowStarted();
        occupation.setBatchRow(executions);
    }

    /** @param changed rows; negative if that is not known */
    public void ends(StatementRecord statement, long nanos, long changed, int errorCode) {
        if (command == null || statement != batch) {
            journal.statementEnded(statement, nanos, changed, errorCode);
        } else if (executions > 1) {
            journal.rowEnded(nanos, changed, errorCode);
        } else {
            ended = true;
            endedNanos = nanos;
            rows = changed;
            error = errorCode;
        }
    }

    /** The thread leaves the session, or runs something else. */
    public void over() {
        if (command == null) {
            return;
        }
        StatementRecord last = batch;
        command = null;
        batch = StatementRecord.NONE;
        if (executions > 1) {
            journal.batchEnded();
        } else if (ended) {
            journal.statementEnded(last, endedNanos, rows, error);
        }
    }
}
