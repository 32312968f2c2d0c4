package io.mortise.engine.lock;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Which rows, keys and names the lock table may know, as a counting filter: no means no, yes means ask. Written under the
 * mutex, read by everybody before they touch a row; while nothing is contended that is one read of a field that nobody
 * writes.
 */
final class ContendedRows {
    private static final int STRIPES = 1024;
    /** Different in each process, so that keys which a client has made to collide do so no more than others. */
    private static final long SECRET = new SecureRandom().nextLong();

    private static final long ODD = new SecureRandom().nextLong() | 1;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(STRIPES);
    private volatile int all;

    /** The hash of a row of a table. */
    static int hash(LockTarget.Table table, long key) {
        long mixed = (key ^ SECRET) * ODD;
        mixed = (mixed ^ mixed >>> 32) * ODD;
        return (int) (mixed >>> 32) + table.hashCode();
    }

    boolean isEmpty() {
        return all == 0;
    }

    boolean mayContain(LockTarget target) {
        return all != 0 && counts.get(stripe(target)) != 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the mutex
    void count(LockTarget target, int change) {
        counts.addAndGet(stripe(target), change);
        all += change;
    }

    private static int stripe(LockTarget target) {
        int hash = target.hashCode() * 0x9E3779B9;
        return hash >>> 22;
    }
}
