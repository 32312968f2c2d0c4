package io.mortise.engine.lock;

/**
 * A table's door to the lock manager, kept by the storage table: intent locks pass without the mutex while nobody holds
 * or wants a strong lock behind it. Thread-safe.
 */
public final class TableGate {
    private final LockTarget.Table table;
    /** How many strong locks (S, SIX, X) on this table are held or wanted. Written under the lock manager's mutex. */
    private volatile int strong;

    TableGate(LockTarget.Table table) {
        this.table = table;
    }

    public LockTarget.Table table() {
        return table;
    }

    boolean isOpen() {
        return strong == 0;
    }
}
