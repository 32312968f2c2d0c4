package io.mortise.engine.storage.waiting;

import io.mortise.engine.journal.SessionJournal;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.lock.WaitWatch;
import io.mortise.engine.storage.ending.Endings;
import io.mortise.engine.storage.statement.WireStatements;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.transaction.SessionWriter;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;

/**
 * How a session waits for locks, and the errors of what was not granted. Used by the thread that runs the session's
 * statement.
 */
public final class SessionWaits {
    /** In the place of milliseconds, as H2 has it: as long as the session has been told to wait for locks. */
    public static final int AS_TOLD = -1;

    /** The same: a row that is locked is left out. */
    public static final int SKIP_LOCKED = -2;

    private final SessionLocal h2;
    private final LockOwner owner;
    private final SessionJournal journal;
    private final OpenTransactions transactions;
    private final Endings endings;
    private final Refusals refusals;

    public SessionWaits(
            SessionWriter session, SessionJournal journal, OpenTransactions transactions, Refusals refusals) {
        this.h2 = session.h2();
        this.owner = session.owner();
        this.journal = journal;
        this.transactions = transactions;
        this.endings = refusals.endings();
        this.refusals = refusals;
    }

    /** How long a request is to wait: {@link #AS_TOLD}, or milliseconds. */
    public WaitRule rule(int timeoutMillis) {
        return rule(timeoutMillis, Optional.empty());
    }

    /** @param slotNow the slot of the transaction that has in storage what is asked for, looked up when it is called */
    public WaitRule rule(int timeoutMillis, IntSupplier slotNow) {
        return rule(timeoutMillis, Optional.of(slotNow));
    }

    private WaitRule rule(int timeoutMillis, Optional<IntSupplier> slotNow) {
        long millis = timeoutMillis == AS_TOLD ? h2.getLockTimeout() : timeoutMillis;
        WaitWatch watch = millis == 0 ? WaitWatch.NOTHING : new StatementWaitWatch(h2, endings, transactions, slotNow);
        return new WaitRule(millis, watch);
    }

    /**
     * The error for a request that was not granted; from now on the transaction can only be rolled back if it says so.
     */
    public DbException refusal(WaitOutcome outcome) {
        journal.lockRefused(owner.id().transaction());
        return refusals.of(outcome);
    }

    /** The error for a table that has been made, altered or emptied since the transaction's snapshot. */
    public DbException redefined(LockTarget.Table table) {
        return refusals.redefined(table);
    }

    /** The error for a table that a branch in doubt has changed. */
    public DbException inDoubt(LockTarget.Table table, String branch) {
        return refusals.inDoubt(table, branch);
    }

    /** Throws the error for a request that was not granted. */
    public void checkGranted(WaitOutcome outcome) {
        if (!(outcome instanceof WaitOutcome.Acquired)) {
            throw refusal(outcome);
        }
    }

    /** The error for a row that has changed since the transaction's snapshot, by whom we waited for if we did. */
    public DbException conflict(LockTarget.Row row, Optional<OwnerId> changedBy) {
        return refusals.conflict(row, changedBy);
    }

    /**
     * Throws if a transaction that is lost reads this text for its client: the driver of another process does not
     * refuse it.
     */
    public void checkMayRead(String sql) {
        if (endings.isLost() && !WireStatements.isReadByTheLost(h2, sql)) {
            checkNotLost();
        }
    }

    /** A transaction that must be rolled back does nothing more. */
    public void checkNotLost() {
        Optional<SQLException> why = endings.isLost() ? endings.loss() : Optional.empty();
        if (why.isPresent()) {
            throw DbException.convert(why.get());
        }
    }
}
