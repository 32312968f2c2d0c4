package io.mortise.engine.lock;

/**
 * A table's door to the lock manager, kept by the storage table: intent locks pass without the mutex while nobody holds
 * or wants a strong lock behind it. Thread-safe.
 */
public final class TableGate {
    private final LockTarget.Table table;
    /** How many strong locks (S, SIX, X) on this table are held, wanted or about to be. Written under the mutex. */
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

    void setStrong(int strong) {
        this.strong = strong;
    }
}
