package io.mortise.engine.storage.session;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.name.HeldNames;
import io.mortise.engine.storage.statement.RunningStatements;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.List;

/**
 * What ADVISORY_LOCK and SESSION_LOCK do: they lock names of the application's own. Used by the thread that runs the
 * session's statement, under H2's mutex of the session.
 */
public final class NameLocks {
    /** Takes such locks for the transaction. */
    interface Taking {
        /** Locks a name for the transaction, and sees to it that its end is heard of. */
        void take(LockTarget.Name name, int timeoutMillis);

        /** Sees to it that the transaction has begun, and that its end is heard of: the name is locked already. */
        void begin();
    }

    private final SessionWaits waits;
    private final RunningStatements statements;
    private final HeldNames names;
    private final Taking transaction;

    NameLocks(SessionWaits waits, RunningStatements statements, HeldNames names, Taking transaction) {
        this.waits = waits;
        this.statements = statements;
        this.names = names;
        this.transaction = transaction;
    }

    /** Locks a name to the end of the transaction, waiting for so long, or {@link SessionWaits#AS_TOLD}. */
    public void lock(String name, int timeoutMillis) {
        waits.checkNotLost();
        if (names.has(name)) {
            transaction.begin();
        } else {
            transaction.take(new LockTarget.Name(name), timeoutMillis);
        }
        names.lockedInTransaction(name);
    }

    /** Gives such a name back; false if this transaction had not locked it. */
    public boolean unlock(String name) {
        return names.unlockInTransaction(name);
    }

    /** Locks a name until the session unlocks it, or ends; false if the time was up. */
    public boolean lockForSession(String name, int timeoutMillis) {
        waits.checkNotLost();
        WaitOutcome outcome = names.lock(name, waits.rule(timeoutMillis));
        if (outcome.isTimeout()) {
            return false;
        }
        waits.checkGranted(outcome);
        return true;
    }

    /** Takes back one of these; false if there was none. */
    public boolean unlockForSession(String name) {
        return names.unlock(name);
    }

    /** The transaction has ended, and its locks have been given back. */
    void transactionEnded() {
        names.transactionEnded();
    }

    /**
     * The transaction has been committed outside autocommit, and its locks have been given back.
     *
     * @return the names that were the transaction's, if a definition that is about to begin has committed it, unasked
     */
    List<String> transactionCommitted() {
        boolean isUnasked = statements.isEmpty() || !StatementKinds.isForGood(statements.type());
        List<String> lost = isUnasked ? names.ofTransaction() : List.of();
        names.transactionEnded();
        return lost;
    }
}
