package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The ways around the mutex, and when they are open. Intent locks on a table pass while its gate is open and nobody
 * wants more than one table. Rows pass while nobody waits for them. S on the keys of a row passes while nobody wants
 * them otherwise. Read by everybody; written under the mutex.
 */
final class FastPath {
    private static final int ONE_LESS = -1;

    private final Map<LockTarget.Table, TableGate> gates = new ConcurrentHashMap<>();
    private final Map<LockTarget, Integer> strongAbove = new HashMap<>(); // schemas, the database, the system
    private final ContendedRows contended = new ContendedRows();
    private final Parties parties;
    private volatile boolean wholeSchemasWanted;
    /** What is being closed: what the table adopts meanwhile must not open it again. Under the mutex. */
    private @Nullable LockTarget closing;

    /** How many rows and keys somebody may hold shared. */
    private volatile int shared;

    FastPath(Parties parties) {
        this.parties = parties;
    }

    TableGate gate(LockTarget.Table target) {
        return gates.computeIfAbsent(target, table -> new TableGate(table, this));
    }

    /** While it is, intentions on schemas, the database and the system are not written down. */
    boolean isOpenAbove() {
        return !wholeSchemasWanted;
    }

    /** May the keys of a row be shared without the mutex? */
    boolean isOpenFor(LockTarget.RowKey target) {
        return !contended.mayContain(target) && !wholeSchemasWanted;
    }

    /**
     * Does anybody else share these keys, as far as only the slots know? Nearly free while no key of the table is
     * there.
     */
    boolean isInSlots(LockTarget.RowKey target, TableGate gate, LockOwner except) {
        long looked = gate.lookForKeys();
        if (looked == TableGate.NOTHING_TO_FIND) {
            return false;
        }
        boolean isAny = false;
        for (LockOwner owner : parties.all()) {
            if (owner != except && owner.slots().hasKey(gate.table(), target)) {
                return true;
            }
            isAny = isAny || owner.slots().hasKey(gate.table(), null);
        }
        if (!isAny) {
            gate.foundNoKeys(looked);
        }
        return false;
    }

    boolean mayBeContended(LockTarget target) {
        return contended.mayContain(target);
    }

    boolean mayBeContended() {
        return !contended.isEmpty();
    }

    /** May anybody hold any row or key shared? Nearly free. */
    boolean mayBeShared() {
        return shared != 0;
    }

    /**
     * Makes the table see what {@code target} could meet and keeps newcomers off the fast path, until the table has
     * decided and {@link #changed} says how things stand. The gate is closed before the slots are read: see
     * {@link TableGate.Slots}.
     */
    void close(LockTarget target, LockTable table) {
        closing = target;
        try {
            if (target instanceof LockTarget.Table one) {
                close(gate(one), table);
            } else if (target instanceof LockTarget.RowKey key) {
                closeKey(key, table);
            } else if (isAbove(target) && !wholeSchemasWanted) {
                closeAbove(table);
            }
        } finally {
            closing = null;
        }
    }

    /** Newcomers go by the table from here on, until {@link #decided}; by then its queue is listed, if it has to be. */
    private void closeKey(LockTarget.RowKey key, LockTable table) {
        boolean isRead = false;
        contended.count(key, 1);
        try {
            Spot.GATE_CLOSED.pass();
            for (LockOwner owner : parties.all()) {
                owner.slots().moveOut(key, table);
            }
            isRead = true;
        } finally {
            if (!isRead) {
                contended.count(key, ONE_LESS);
            }
        }
    }

    /** The table has decided on what was closed for it. */
    void decided(LockTarget closed) {
        if (closed instanceof LockTarget.RowKey key) {
            contended.count(key, ONE_LESS);
        }
    }

    private void closeAbove(LockTable table) {
        boolean isRead = false;
        wholeSchemasWanted = true;
        try {
            for (LockOwner owner : parties.all()) {
                owner.slots().moveOutAll(table);
            }
            table.announceAll();
            isRead = true;
        } finally {
            wholeSchemasWanted = isRead;
        }
    }

    /**
     * While the gate stays closed nothing passes, so there is nothing new to find. The owner of a slot that is seen
     * full then is about to see the gate closed, and to empty the slot. Moved into the table, it would contradict who
     * holds that.
     */
    private void close(TableGate gate, LockTable table) {
        if (gate.isOpen()) {
            boolean isRead = false;
            gate.setStrong(1);
            try {
                Spot.GATE_CLOSED.pass();
                for (LockOwner owner : parties.all()) {
                    owner.slots().moveOut(gate.table(), table);
                }
                isRead = true;
            } finally {
                gate.setStrong(isRead ? 1 : 0); // The next who comes must look again.
            }
        }
    }

    /** A queue of the lock table has changed; an empty one is about to go. */
    void changed(LockQueue queue) {
        LockTarget target = queue.target;
        if (target instanceof LockTarget.Table table) {
            gate(table).setStrong(Math.max(queue.strong(), table.equals(closing) ? 1 : 0));
        } else if (isAbove(target)) {
            int strong = queue.strong();
            strongAbove.put(target, strong);
            strongAbove.values().removeIf(count -> count == 0);
            wholeSchemasWanted = closing != null || !strongAbove.isEmpty();
        } else {
            list(queue);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // under the mutex
    private void list(LockQueue queue) {
        if (queue.isListed == queue.isEmpty()) {
            queue.isListed = !queue.isListed;
            contended.count(queue.target, queue.isListed ? 1 : -1);
        }
        if (queue.inStorage && queue.isListedShared != queue.isShared()) {
            queue.isListedShared = !queue.isListedShared;
            shared += queue.isListedShared ? 1 : -1;
        }
    }

    private static boolean isAbove(LockTarget target) {
        return target instanceof LockTarget.Schema
                || target instanceof LockTarget.Database
                || target instanceof LockTarget.System;
    }

    /**
     * Which rows, keys and names the lock table may know, as a counting filter: no means no, yes means ask. Written
     * under the mutex, read by everybody before they touch a row; while nothing is contended that is one read of a
     * field that nobody writes.
     */
    private static final class ContendedRows {
        private static final int STRIPES = 1024;
        private final AtomicIntegerArray counts = new AtomicIntegerArray(STRIPES);
        private volatile int all;

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
}
