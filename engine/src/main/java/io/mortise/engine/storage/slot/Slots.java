package io.mortise.engine.storage.slot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.jspecify.annotations.Nullable;

/**
 * The slots that H2 has for open transactions. When all are taken, sessions that only look get slots of a second store,
 * in memory and without a thread. One for a database; thread-safe.
 */
public final class Slots {
    private static final int MOST = most();

    private static final VarHandle STORE;

    static {
        try {
            STORE = MethodHandles.privateLookupIn(Transaction.class, MethodHandles.lookup())
                    .findVarHandle(Transaction.class, "store", TransactionStore.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final TransactionStore store;

    @GuardedBy("this")
    private @Nullable TransactionStore spare;

    /** @param store the database's */
    public Slots(TransactionStore store) {
        this.store = store;
    }

    /** How many transactions can be open at once: 255, or what the system property h2.maxOpenTransactions says. */
    public static int count() {
        return MOST;
    }

    private static int most() {
        try {
            return (int) MethodHandles.privateLookupIn(TransactionStore.class, MethodHandles.lookup())
                    .findStaticVarHandle(TransactionStore.class, "MAX_OPEN_TRANSACTIONS", int.class)
                    .get();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** Is every slot in H2 taken? H2 takes the lowest that is free, so nearly always one look is enough. */
    boolean areTaken() {
        for (int slot = MOST; slot > 0; slot--) {
            if (store.isTransactionClosed(slot)) {
                return false;
            }
        }
        return true;
    }

    /** Has this transaction a slot in H2? If not it is one that {@link #begin} has begun. */
    public boolean holds(Transaction transaction) {
        return STORE.get(transaction) == store;
    }

    /**
     * Begins a transaction that has no slot of the database's. It is prepared, so H2 itself lets it write nothing. Who
     * begins it rolls it back.
     */
    Transaction begin(SessionLocal session) {
        Transaction begun = spare().begin(session, 0, session.getId(), IsolationLevel.READ_COMMITTED);
        begun.prepare();
        return begun;
    }

    private synchronized TransactionStore spare() {
        TransactionStore known = spare;
        if (known == null) {
            known = new TransactionStore(MVStore.open(null));
            known.init();
            spare = known;
        }
        return known;
    }
}
