package io.mortise.engine.lock;

import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Makes threads wait for {@link LockTable}'s decisions; owns the one mutex around it. Thread-safe.
 */
public final class LockManager implements AutoCloseable {
    public LockManager(LongSupplier nanoTime) {
        throw new UnsupportedOperationException();
    }

    /** A session arrives. */
    public LockOwner register(int session, String user) {
        throw new UnsupportedOperationException();
    }

    /** A session leaves; it must not hold anything. */
    public void unregister(LockOwner owner) {
        throw new UnsupportedOperationException();
    }

    /** A new transaction of the owner's session begins: gives it the next number. No effect if one is open. */
    public OwnerId begin(LockOwner owner) {
        throw new UnsupportedOperationException();
    }

    public TableGate gate(LockTarget.Table table) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes an intent lock (IS, IX) on a table without the mutex, for the owner's running statement.
     *
     * @return false if that can not be done now: call {@link #acquire}
     */
    public boolean tryIntent(LockOwner owner, TableGate gate, LockMode intent) {
        throw new UnsupportedOperationException();
    }

    /** Acquires a lock for the owner's running statement, waiting by the rule. Opens a transaction if none is. */
    public WaitOutcome acquire(LockOwner owner, LockTarget target, LockMode mode, WaitRule rule) {
        throw new UnsupportedOperationException();
    }

    /**
     * Acquires a lock that storage says is implicitly held, exclusively, by another transaction: that lock is entered in
     * the table first. If the holder has ended meanwhile, returns granted: look at storage again.
     */
    public WaitOutcome acquireFrom(OwnerId holder, LockOwner owner, LockTarget target, LockMode mode, WaitRule rule) {
        throw new UnsupportedOperationException();
    }

    /**
     * May this owner take a row (or key) in storage without asking for it here first? True while nobody waits for it, or
     * while the waiter at the head has been there for less than {@code LOCK_BARGING}. Nearly free while no row is waited for.
     */
    public boolean admits(LockOwner owner, LockTarget target) {
        throw new UnsupportedOperationException();
    }

    /** Gives back one lock before the transaction ends (an advisory lock; a lock that storage has let go). */
    public void release(OwnerId owner, LockTarget target) {
        throw new UnsupportedOperationException();
    }

    /** The owner's transaction has ended: gives back all it holds. */
    public void releaseAll(LockOwner owner) {
        throw new UnsupportedOperationException();
    }

    /** Ends the wait of a session, if it waits. Never waits for the session itself. */
    public boolean endWait(int session, WaitEnding ending) {
        throw new UnsupportedOperationException();
    }

    /** Implicit locks of this owner may have come free (roll-back to a savepoint): those who wait for it look again. */
    public void mayHaveLetGo(OwnerId holder) {
        throw new UnsupportedOperationException();
    }

    /** The pending request of a session, if it waits. */
    public Optional<LockRow> waiting(int session) {
        throw new UnsupportedOperationException();
    }

    public LockSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    public void addListener(LockListener listener) {
        throw new UnsupportedOperationException();
    }

    public void removeListener(LockListener listener) {
        throw new UnsupportedOperationException();
    }

    /** Microseconds; 0 turns barging off. */
    public void setBarging(long micros) {
        throw new UnsupportedOperationException();
    }

    /** Ends every wait with {@link WaitEnd#SHUTDOWN}. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
