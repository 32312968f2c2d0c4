package io.mortise.engine.lock;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The ways around the mutex, and when they are open. Intent locks on a table pass while its gate is open and nobody wants
 * more than one table; rows pass while nobody waits for them. Read by everybody; written under the mutex.
 */
final class FastPath {
    private static final OwnerId NOBODY = new OwnerId(0, -1);

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
        return gates.computeIfAbsent(target, TableGate::new);
    }

    /** While it is, intentions on schemas, the database and the system are not written down. */
    boolean isOpenAbove() {
        return !wholeSchemasWanted;
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
     * {@link LockOwner}.
     */
    void close(LockTarget target, LockTable table) {
        closing = target;
        if (target instanceof LockTarget.Table one) {
            TableGate gate = gate(one);
            gate.setStrong(1);
            for (LockOwner owner : parties.all()) {
                owner.moveOut(gate).forEach(taken -> table.adopt(taken.asRequest()));
            }
        } else if (isAbove(target) && !wholeSchemasWanted) {
            wholeSchemasWanted = true;
            for (LockOwner owner : parties.all()) {
                owner.moveOutAll().forEach(taken -> table.adopt(taken.asRequest()));
            }
            table.announceAll();
        }
        closing = null;
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
        if (queue.inStorage && queue.isListedShared != queue.isSharedByAnother(NOBODY)) {
            queue.isListedShared = !queue.isListedShared;
            shared += queue.isListedShared ? 1 : -1;
        }
    }

    private static boolean isAbove(LockTarget target) {
        return target instanceof LockTarget.Schema
                || target instanceof LockTarget.Database
                || target instanceof LockTarget.System;
    }
}
