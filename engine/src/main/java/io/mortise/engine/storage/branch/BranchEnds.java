package io.mortise.engine.storage.branch;

import io.mortise.engine.journal.TransactionEntry;
import io.mortise.engine.storage.ending.SessionMutex;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import org.h2.message.DbException;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;

/** COMMIT TRANSACTION and ROLLBACK TRANSACTION: what others have to hear of it. Stateless. */
public final class BranchEnds {
    private static final System.Logger LOG = System.getLogger(BranchEnds.class.getName());

    private BranchEnds() {}

    /** @param type of the statement that has ended a branch, whose ever it was */
    public static void heard(OpenDatabase storage, int type) {
        TransactionEntry.State how = StatementKinds.howItEnds(type);
        storage.transactions().branchEnded(storage.database());
        storage.serializing().branchEnded();
        storage.transactions().left().ended(how);
        for (StorageSession session : storage.sessions()) {
            if (session.owner().occupation().isPrepared()) {
                settle(session, how);
            }
        }
    }

    /**
     * Its own session may be open still, and H2 does not tell it: it would keep its locks until its next commit, and
     * fail till then. If a thread is inside, that is how it stays.
     */
    private static void settle(StorageSession session, TransactionEntry.State how) {
        SessionMutex.tryEnter(session.h2(), () -> {
            Transaction transaction = session.isOpen() ? H2Reflection.transaction(session.h2()) : null;
            if (transaction != null && transaction.getStatus() == Transaction.STATUS_CLOSED) {
                H2Reflection.forgetTransaction(session.h2());
                end(session, how);
            }
        });
    }

    /**
     * Ends a transaction that has done nothing, in the place of the one that is over: so H2 hears of the end of that
     * one.
     */
    private static void end(StorageSession session, TransactionEntry.State how) {
        boolean isTold = false;
        try {
            if (how == TransactionEntry.State.COMMITTED) {
                session.h2().getTransaction();
                session.h2().commit(true);
                isTold = true;
            }
        } catch (DbException | MVStoreException e) {
            LOG.log(System.Logger.Level.WARNING, "session " + session.id() + " has a branch that is over", e);
        } finally {
            if (!isTold) {
                session.h2().rollback(); // Needs no transaction to give everything back.
            }
        }
    }
}
