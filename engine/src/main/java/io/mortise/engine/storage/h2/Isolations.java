package io.mortise.engine.storage.h2;

import io.mortise.engine.policy.LockPolicy;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;

/**
 * Serializable means locks here, so its transactions run on H2's READ COMMITTED. Under its locks a statement reads what
 * is there now; H2's own SERIALIZABLE would go on reading what was there before. The session reports what was asked
 * for. Under a policy without locks on what is read it is H2's own, whose snapshot at least stands still. Stateless.
 */
public final class Isolations {
    private Isolations() {}

    /** A statement begins: sees to the level its transaction runs at, and that storage never waits in it. */
    public static void begin(SessionLocal session, LockPolicy policy) {
        Transaction transaction = H2Reflection.transaction(session);
        if (transaction == null) {
            return;
        }
        StoreReflection.neverWait(transaction);
        StoreReflection.settle(transaction);
        if (transaction.getIsolationLevel() == IsolationLevel.SERIALIZABLE && policy.serializesByLocks()) {
            StoreReflection.readCommitted(transaction);
            // The maps of the transaction were opened for the other level; this closes them, and takes a new snapshot.
            session.startStatementWithinTransaction(session.getCurrentCommand());
        }
    }
}
