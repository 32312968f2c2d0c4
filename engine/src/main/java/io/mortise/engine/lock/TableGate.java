package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A table's door to the lock manager, kept by the storage table: intent locks pass without the mutex while nobody holds
 * or wants a strong lock behind it. It knows too whether keys of rows behind it may be in slots. Thread-safe.
 */
public final class TableGate {
    private final LockTarget.Table table;
    private final FastPath fastPath;
    /** How many strong locks (S, SIX, X) on this table are held, wanted or about to be. Written under the mutex. */
    private volatile int strong;

    /**
     * May the key of a row of this table be in a slot? One of the three below, and above it how often it has become
     * {@link #KEYS}: It is taken back after a vain look at all slots, but only if nobody has come since.
     */
    private final AtomicLong keys = new AtomicLong();

    static final long NOTHING_TO_FIND = -1;

    private static final long STATE = 3;
    private static final long NO_KEYS = 0;
    private static final long KEYS = 1;
    /** Somebody looks; who takes a key meanwhile says so. */
    private static final long LOOKING = 2;

    TableGate(LockTarget.Table table, FastPath fastPath) {
        this.table = table;
        this.fastPath = fastPath;
    }

    public LockTarget.Table table() {
        return table;
    }

    boolean isOpen() {
        return strong == 0;
    }

    /**
     * Shares the keys of a row of this table without the mutex, for the owner's running statement and its open
     * transaction.
     *
     * @return false if that cannot be done now: call {@link LockManager#acquire}
     */
    public boolean tryShareKey(LockOwner owner, LockTarget.RowKey target) {
        return owner.slots().takeKey(this, target, fastPath);
    }

    /** May anybody mind if a row is removed, or a key of it changed? Nearly free; no means no. */
    public boolean mayKeep(LockTarget.RowKey target) {
        return (keys.get() & STATE) != NO_KEYS || fastPath.mayBeContended(target);
    }

    /**
     * Does anybody else share the keys of this row around the mutex? To be asked after it has been written in storage:
     * who shares keys writes that down before looking at storage, so at least one of the two sees the other.
     */
    public boolean isShared(LockTarget.RowKey target, LockOwner except) {
        return fastPath.isInSlots(target, this, except);
    }

    /** The key of a row stands in a slot. */
    void keyTaken() {
        long seen = keys.get();
        while ((seen & STATE) != KEYS && !keys.compareAndSet(seen, (seen | STATE) + 1 | KEYS)) {
            seen = keys.get();
        }
    }

    /**
     * About to look for keys in the slots. Returns what to tell {@link #foundNoKeys}; {@link #NOTHING_TO_FIND} if there
     * are none.
     */
    long lookForKeys() {
        long seen = keys.get();
        while ((seen & STATE) == KEYS && !keys.compareAndSet(seen, seen & ~STATE | LOOKING)) {
            seen = keys.get();
        }
        return (seen & STATE) == NO_KEYS ? NOTHING_TO_FIND : seen & ~STATE | LOOKING;
    }

    void foundNoKeys(long looked) {
        keys.compareAndSet(looked, looked & ~STATE | NO_KEYS);
    }

    void setStrong(int strong) {
        this.strong = strong;
    }

    /**
     * The locks that a session holds without the mutex: intentions on tables, and S on the keys of rows. Written by the
     * thread that runs the session's statement, read by all.
     *
     * <p>A lock of the fast path is a {@link Taken} in one of a few slots. Taking it writes the slot and then looks
     * whether the way is still open: the table's gate, or for a key that nobody wants it otherwise. Who closes the way
     * says so first and then reads the slots. Both sides write before they read, so at least one sees the other. Who
     * swaps the content of a slot out has emptied it: the owner at the end of the transaction, or the closer, which
     * moves the lock into the lock table. The closer leaves {@link #MOVED}.
     */
    static final class Slots {
        private static final int SLOTS = 24;
        /** Of these, for keys: a search for a key reads all slots of all sessions. */
        private static final int KEYS = 8;

        private static final Taken MOVED =
                new Taken(new OwnerId(0, 0), new LockTarget.Table(0, 0), LockMode.IS, StatementRecord.NONE);
        /** A lock that the lock table does not know: an intention on a table, or S on the keys of a row. */
        record Taken(OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement) {
            LockRequest asRequest() {
                return new LockRequest(owner, target, mode, statement, statement.startNanos(), WaitRule.Place.IN_LINE);
            }

            LockRow asRow() {
                long since = statement.startNanos();
                return new LockRow(owner, target, mode, true, since, since, statement, false, List.of(), 0);
            }

            boolean isKey() {
                return target instanceof LockTarget.RowKey;
            }
        }

        private final LockOwner owner;
        private final AtomicReferenceArray<Taken> slots = new AtomicReferenceArray<>(SLOTS);
        private int taken; // slots in use; the statement's thread only
        private int keys; // among them; the same thread

        Slots(LockOwner owner) {
            this.owner = owner;
        }

        /** Is a slot in use? The statement's thread only. */
        boolean isAnyTaken() {
            return taken != 0;
        }

        /** Takes an intent lock if {@code open}ly possible; see the class comment. */
        boolean take(TableGate gate, LockMode intent, FastPath fastPath) {
            for (int i = 0; i < taken; i++) {
                Taken held = slots.getPlain(i);
                if (held != null && held.target == gate.table() && held.mode.covers(intent)) {
                    return true;
                }
            }
            if (taken == SLOTS || !gate.isOpen() || !fastPath.isOpenAbove()) {
                return false;
            }
            Spot.SLOT_CHOSEN.pass();
            Taken next = new Taken(owner.id(), gate.table(), intent, owner.statement());
            int place = taken++; // Counted first: what an Error leaves in a slot is found at the end.
            slots.set(place, next);
            Spot.SLOT_WRITTEN.pass();
            boolean stillOpen = gate.isOpen() && fastPath.isOpenAbove();
            if (stillOpen || !slots.compareAndSet(place, next, null)) {
                return true; // Open, or moved into the lock table by whoever closed the gate: granted either way.
            }
            taken = place;
            return false;
        }

        /**
         * Shares the keys of a row, if {@code open}ly possible: written down first, then looked whether somebody wants
         * them otherwise. Who does says so first, and then looks at the slots.
         *
         * @param gate of the row's table
         */
        boolean takeKey(TableGate gate, LockTarget.RowKey target, FastPath fastPath) {
            if (taken == SLOTS || keys == KEYS || !fastPath.isOpenFor(target)) {
                return false;
            }
            Spot.SLOT_CHOSEN.pass();
            Taken next = new Taken(owner.id(), target, LockMode.S, owner.statement());
            int place = taken++;
            keys++;
            slots.set(place, next);
            gate.keyTaken();
            Spot.SLOT_WRITTEN.pass();
            if (fastPath.isOpenFor(target) || !slots.compareAndSet(place, next, null)) {
                return true;
            }
            taken = place;
            keys--;
            return false;
        }

        /** Does a slot have this, or, with null, the key of any row of this table? From any thread. */
        boolean hasKey(LockTarget.Table table, LockTarget.@Nullable RowKey target) {
            for (int i = 0; i < SLOTS; i++) {
                Taken lock = slots.get(i);
                if (lock != null && lock.target instanceof LockTarget.RowKey key) {
                    if (target == null ? key.table().equals(table) : key.equals(target)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Moves the locks on one target out of the slots. Called under the mutex, with the way to it just closed. */
        void moveOut(LockTarget target, LockTable table) {
            move(lock -> lock.target.equals(target), table);
        }

        /** Moves every lock out of the slots. Called under the mutex, with the way above just closed. */
        void moveOutAll(LockTable table) {
            move(lock -> true, table);
        }

        /**
         * The table has the lock before the slot is empty: what ends a move in the middle loses none. A lock that was
         * given back meanwhile is taken out again. Not so if the owner has a weaker one there, which would go with it.
         */
        private void move(Predicate<Taken> which, LockTable table) {
            for (int i = 0; i < SLOTS; i++) {
                Taken lock = slots.get(i);
                if (lock != null && lock != MOVED && which.test(lock)) {
                    owner.enters();
                    boolean isHeld = table.queue(lock.target)
                            .flatMap(queue -> queue.grantOf(lock.owner))
                            .isPresent();
                    table.adopt(lock.asRequest());
                    Spot.SLOT_ADOPTED.pass();
                    if (!slots.compareAndSet(i, lock, MOVED) && !isHeld) {
                        table.release(lock.owner, lock.target, lock.statement.startNanos()); // It has been given back.
                    }
                }
            }
        }

        /**
         * Empties the slots of one target; the statement's thread only.
         *
         * @return false if it was moved
         */
        boolean giveBack(LockTarget target) {
            boolean moved = false;
            for (int i = taken - 1; i >= 0; i--) {
                Taken lock = slots.getPlain(i);
                boolean isAsked = lock != null && lock != MOVED && lock.target.equals(target);
                if (isAsked && slots.compareAndSet(i, lock, null)) {
                    taken -= i == taken - 1 ? 1 : 0;
                    keys -= lock.isKey() ? 1 : 0;
                } else {
                    moved |= isAsked || lock == MOVED;
                }
            }
            return !moved;
        }

        /** The locks that only the slots know. From any thread. */
        List<Taken> taken() {
            List<Taken> all = new ArrayList<>(2);
            for (int i = 0; i < SLOTS; i++) {
                Taken lock = slots.get(i);
                if (lock != null && lock != MOVED) {
                    all.add(lock);
                }
            }
            return all;
        }

        /** Empties the slots; true if the lock table has something to give back. */
        boolean end() {
            boolean moved = false;
            for (int i = 0; i < taken; i++) {
                Taken lock = slots.getPlain(i);
                if (lock == null || lock == MOVED || !slots.compareAndSet(i, lock, null)) {
                    moved = true;
                    slots.set(i, null);
                }
            }
            taken = 0;
            keys = 0;
            return moved;
        }
    }
}
