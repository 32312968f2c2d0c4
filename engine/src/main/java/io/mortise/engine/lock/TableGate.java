package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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

    /** May anybody mind if any row is removed, or a key of it changed? Asked before the target is even made. */
    public boolean mayKeepAny() {
        return (keys.get() & STATE) != NO_KEYS || fastPath.mayBeContended();
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
     * <p>To take a lock of the fast path is to fill one of a few {@link Places}, and then to look whether the way is
     * still open. For a table that is its gate, for a key that nobody wants it otherwise. Who closes the way says so
     * first and then reads the places. Both sides write before they read, so at least one sees the other. One of two
     * empties a place. It is the owner at the end of the transaction, or the closer, which moves the lock into the lock
     * table.
     */
    static final class Slots {
        /** Of the places, for keys: a search for a key reads all places of all sessions. */
        private static final int KEYS = 8;

        private final LockOwner owner;
        private final Places places;
        private int keys; // of rows, in as many places; the statement's thread only

        Slots(LockOwner owner) {
            this.owner = owner;
            this.places = new Places(owner.session(), owner::statement);
        }

        /** Is a slot in use? The statement's thread only. */
        boolean isAnyTaken() {
            return places.used() != 0;
        }

        /** Another statement is about to run. The statement's thread only. */
        void keep(StatementRecord statement) {
            places.keep(statement);
        }

        /** Takes an intent lock if {@code open}ly possible; see the class comment. */
        boolean take(TableGate gate, LockMode intent, FastPath fastPath) {
            if (places.covers(gate.table(), intent)) {
                return true;
            }
            if (places.used() == Places.SIZE || !gate.isOpen() || !fastPath.isOpenAbove()) {
                return false;
            }
            Spot.SLOT_CHOSEN.pass();
            long filling = places.fill(gate.table(), intent, owner.transaction(), owner.statement());
            Spot.SLOT_WRITTEN.pass();
            // Open, or moved into the lock table by whoever closed the gate: granted either way.
            return gate.isOpen() && fastPath.isOpenAbove() || !places.undo(filling);
        }

        /**
         * Shares the keys of a row, if {@code open}ly possible: written down first, then looked whether somebody wants
         * them otherwise. Who does says so first, and then looks at the slots.
         *
         * @param gate of the row's table
         */
        boolean takeKey(TableGate gate, LockTarget.RowKey target, FastPath fastPath) {
            if (places.used() == Places.SIZE || keys == KEYS || !fastPath.isOpenFor(target)) {
                return false;
            }
            Spot.SLOT_CHOSEN.pass();
            keys++;
            long filling = places.fill(target, LockMode.S, owner.transaction(), owner.statement());
            gate.keyTaken();
            Spot.SLOT_WRITTEN.pass();
            if (fastPath.isOpenFor(target) || !places.undo(filling)) {
                return true;
            }
            keys--;
            return false;
        }

        /** Does a slot have this, or, with null, the key of any row of this table? From any thread. */
        boolean hasKey(LockTarget.Table table, LockTarget.@Nullable RowKey target) {
            for (int i = 0; i < Places.SIZE && places.isAnyFull(); i++) {
                Places.Taken lock = places.read(i);
                if (lock != null && lock.target() instanceof LockTarget.RowKey key) {
                    if (target == null ? key.table().equals(table) : key.equals(target)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Moves the locks on one target out of the slots. Called under the mutex, with the way to it just closed. */
        void moveOut(LockTarget target, LockTable table) {
            move(lock -> lock.target().equals(target), table);
        }

        /** Moves every lock out of the slots. Called under the mutex, with the way above just closed. */
        void moveOutAll(LockTable table) {
            move(lock -> true, table);
        }

        /**
         * The table has the lock before the slot is empty: what ends a move in the middle loses none. A lock that was
         * given back meanwhile is taken out again. Not so if the owner has a weaker one there, which would go with it.
         */
        private void move(Predicate<Places.Taken> which, LockTable table) {
            for (int i = 0; i < Places.SIZE; i++) {
                Places.Taken lock = places.read(i);
                if (lock != null && which.test(lock)) {
                    owner.enters();
                    boolean isHeld = table.queue(lock.target())
                            .flatMap(queue -> queue.grantOf(lock.owner()))
                            .isPresent();
                    table.adopt(lock.asRequest());
                    Spot.SLOT_ADOPTED.pass();
                    if (!places.empty(i, lock.filling()) && !isHeld) {
                        // It has been given back.
                        table.release(
                                lock.owner(), lock.target(), lock.statement().startNanos());
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
            boolean isAllThere = places.giveBack(target);
            keys = places.keys();
            return isAllThere;
        }

        /** The locks that only the slots know. From any thread. */
        List<Places.Taken> taken() {
            List<Places.Taken> all = new ArrayList<>(2);
            for (int i = 0; i < Places.SIZE; i++) {
                Places.Taken lock = places.read(i);
                if (lock != null) {
                    all.add(lock);
                }
            }
            return all;
        }

        /** Empties the slots; true if the lock table has something to give back. */
        boolean end() {
            keys = 0;
            return isAnyTaken() && !places.end();
        }
    }
}
