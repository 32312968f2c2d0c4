package io.mortise.engine.storage;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.name.HeldNames;

/**
 * What ADVISORY_LOCK and SESSION_LOCK do: they lock names of the application's own. Used by the thread that runs the
 * session's statement, under H2's mutex of the session.
 */
final class NameLocks {
    private final StorageSession session;
    private final TransactionLocks locks;
    private final HeldNames names;

    NameLocks(StorageSession session, TransactionLocks locks) {
        this.session = session;
        this.locks = locks;
        this.names = new HeldNames(session.locks(), session.owner());
    }

    /** Locks a name to the end of the transaction, waiting for so long; -1 as told. */
    void lock(String name, int timeoutMillis) {
        session.checkNotDoomed();
        locks.take(new LockTarget.Name(name), timeoutMillis, names.has(name));
        names.lockedInTransaction(name);
    }

    /** Gives such a name back; false if this transaction had not locked it. */
    boolean unlock(String name) {
        return names.unlockInTransaction(name);
    }

    /** Locks a name until the session unlocks it, or ends; false if the time was up. */
    boolean lockForSession(String name, int timeoutMillis) {
        session.checkNotDoomed();
        WaitOutcome outcome = names.lock(name, session.rule(timeoutMillis));
        if (outcome instanceof WaitOutcome.Refused refused && refused.ending().end() == WaitEnd.TIMEOUT) {
            return false;
        }
        session.checkGranted(outcome);
        return true;
    }

    /** Takes back one of these; false if there was none. */
    boolean unlockForSession(String name) {
        return names.unlock(name);
    }

    /** The transaction has ended, and its locks have been given back. */
    void transactionEnded(boolean committed) {
        if (committed && isCommittedUnasked()) {
            session.notices().namesGivenBack(names.ofTransaction());
        }
        names.transactionEnded();
    }

    /** Has a definition that is about to begin committed what was open, outside autocommit and without COMMIT? */
    private boolean isCommittedUnasked() {
        return session.isOpen()
                && !session.isAutoCommit()
                && (session.statements().isEmpty()
                        || !StatementKinds.isForGood(session.statements().type()));
    }
}
