package io.mortise.engine.storage.blocker;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntFunction;
import org.h2.engine.IsolationLevel;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;

/**
 * Tells H2 who blocks a session that waits in the lock manager, so that INFORMATION_SCHEMA.SESSIONS says so.
 * Thread-safe.
 *
 * <p>H2 keeps the blocker with the transaction that waits, and its own search for deadlocks follows it. So what is
 * noted is a transaction that nobody has, which bears the number of the blocking session and waits for nobody: H2 finds
 * no cycle there. The first blocker is shown for as long as the wait lasts; SYS.LOCK_WAITS has those of the moment.
 */
public final class BlockerMarks implements LockListener {
    private static final VarHandle BLOCKING;
    private static final MethodHandle TRANSACTION;

    static {
        try {
            MethodHandles.Lookup transactions =
                    MethodHandles.privateLookupIn(Transaction.class, MethodHandles.lookup());
            BLOCKING = transactions.findVarHandle(Transaction.class, "blockingTransaction", Transaction.class);
            TRANSACTION = transactions.findConstructor(
                    Transaction.class,
                    MethodType.methodType(
                            void.class,
                            TransactionStore.class,
                            int.class,
                            long.class,
                            int.class,
                            String.class,
                            long.class,
                            int.class,
                            int.class,
                            IsolationLevel.class,
                            TransactionStore.RollbackListener.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private static final TransactionStore.RollbackListener NOTHING_TO_UNDO = (map, key, before, after) -> {};

    private final TransactionStore store;
    private final IntFunction<Optional<Transaction>> openOf;

    /** @param openOf the open transaction of the session with that number */
    public BlockerMarks(TransactionStore store, IntFunction<Optional<Transaction>> openOf) {
        this.store = store;
        this.openOf = openOf;
    }

    @Override
    public void waitStarted(LockRow request) {
        if (!request.blockers().isEmpty()) {
            int blocker = request.blockers().get(0).owner().session();
            openOf.apply(request.owner().session())
                    .ifPresent(transaction -> BLOCKING.setVolatile(transaction, bearing(Math.abs(blocker))));
        }
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        waitBroken(request, waited);
    }

    @Override
    public void waitBroken(LockRow request, Duration waited) {
        openOf.apply(request.owner().session()).ifPresent(transaction -> BLOCKING.setVolatile(transaction, null));
    }

    private Transaction bearing(int session) {
        try {
            return (Transaction) TRANSACTION.invoke(
                    store,
                    0,
                    0L,
                    Transaction.STATUS_OPEN,
                    "",
                    0L,
                    0,
                    session,
                    IsolationLevel.READ_COMMITTED,
                    NOTHING_TO_UNDO);
        } catch (Throwable e) {
            throw new AssertionError("a constructor in H2 that stores its arguments", e);
        }
    }
}
