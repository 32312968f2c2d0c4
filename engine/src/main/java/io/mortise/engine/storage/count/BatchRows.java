package io.mortise.engine.storage.count;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
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
    /** Its statement is the batch, except while another runs inside that. */
    private final LockOwner owner;
    /** Is there an outermost statement that is not written down yet? */
    private boolean open;
    /** What it is an execution of, or was: what H2 keeps for the next time stays. */
    private @Nullable Command command;

    private long number;
    private int executions;
    private boolean ended;
    private long endedNanos;
    private long rows;
    private int error;
    /** Is it told when the thread leaves the session? */
    private boolean hearing;

    private volatile boolean showingValues;

    /** @param owner whose statements these are; is told which row of a batch runs */
    public BatchRows(SessionJournal journal, LockOwner owner) {
        this.journal = journal;
        this.owner = owner;
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

    /** An outermost statement is about to start: is it the next row of the batch that is its owner's statement? */
    public boolean goesOn(@Nullable Command next) {
        if (open && (next != command || !ended)) {
            over();
        }
        return open;
    }

    /** A statement starts inside another. */
    public void startsInside(StatementRecord statement) {
        journal.statementStarted(statement);
    }

    /** An outermost statement starts. */
    public void starts(StatementRecord statement, @Nullable Command by) {
        if (!hearing || showingValues || by == null) {
            journal.statementStarted(statement);
            owner.occupation().setBatchRow(0);
        } else if (!open) {
            open = true;
            if (command != by) { // The collector minds each write of a reference.
                command = by;
            }
            number = statement.id();
            executions = 1;
            ended = false;
            journal.statementStarted(statement);
            owner.occupation().starts(statement.id());
        } else {
            goesOn();
        }
    }

    private void goesOn() {
        if (++executions == 2) {
            journal.batchStarted(owner.statement());
            journal.rowEnded(endedNanos, rows, error);
        }
        journal.rowStarted();
        owner.occupation().setBatchRow(executions);
    }

    /** @param changed rows; negative if that is not known */
    public void ends(StatementRecord statement, long nanos, long changed, int errorCode) {
        if (!open || statement.id() != number) {
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
        if (!open) {
            return;
        }
        open = false;
        if (command != null && !command.isCacheable()) {
            command = null;
        }
        if (executions > 1) {
            journal.batchEnded();
        } else if (ended) {
            journal.statementEnded(owner.statement(), endedNanos, rows, error);
        }
    }
}
