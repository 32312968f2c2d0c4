package io.mortise.engine.storage.slot;

import io.mortise.engine.storage.h2.StoreReflection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.tx.Transaction;

/**
 * A transaction that H2 could not end when its session closed. Stateless.
 *
 * <p>H2's monitor of the database is held when a session goes. A thread whose write fails has the store's mutex and
 * wants that monitor, to give up the database. So nobody waits for the mutex here: either it is had at once, and kept,
 * or the store has failed, and there is nothing to undo.
 */
public final class LeftTransaction {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private LeftTransaction() {}

    /** Rolls it back, unless the store has failed: what the file has of it is undone when that is opened again. */
    public static void undo(MVStore store, Transaction left) {
        ReentrantLock mutex = StoreReflection.storeMutex(store);
        while (!hasFailed(store)) {
            if (mutex.tryLock()) {
                try {
                    undoInside(store, left);
                } finally {
                    mutex.unlock();
                }
                return;
            }
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    private static void undoInside(MVStore store, Transaction left) {
        if (!hasFailed(store)) {
            left.rollback();
        }
    }

    private static boolean hasFailed(MVStore store) {
        return store.getPanicException() != null;
    }
}
