package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.text.UserName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * A session as the lock manager sees it: its current transaction, what it runs, and the intent locks it holds without
 * the mutex. Written by the thread that runs the session's statement, read by all.
 *
 * <p>An intent lock of the fast path is a {@link Taken} in one of a few slots. Taking it writes the slot and then looks
 * whether the table's gate is still open; whoever closes the gate counts itself first and then reads the slots. Both sides
 * write before they read, so at least one sees the other. A slot is emptied by whoever swaps its content out: the owner
 * at the end of the transaction, or the closer, which moves the lock into the lock table and leaves {@link #MOVED}.
 */
public final class LockOwner {
    private static final int SLOTS = 16;
    private static final Taken MOVED =
            new Taken(new OwnerId(0, 0), new TableGate(new LockTarget.Table(0, 0)), LockMode.IS, StatementRecord.NONE);
    private static final VarHandle ID;
    private static final VarHandle STATEMENT;
    private static final VarHandle IDLE_SINCE;
    private static final VarHandle ROWS_CHANGED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ID = lookup.findVarHandle(LockOwner.class, "id", OwnerId.class);
            STATEMENT = lookup.findVarHandle(LockOwner.class, "statement", StatementRecord.class);
            IDLE_SINCE = lookup.findVarHandle(LockOwner.class, "idleSince", long.class);
            ROWS_CHANGED = lookup.findVarHandle(LockOwner.class, "rowsChanged", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** An intent lock that the lock table does not know. */
    record Taken(OwnerId owner, TableGate gate, LockMode mode, StatementRecord statement) {
        LockRequest asRequest() {
            return new LockRequest(
                    owner, gate.table(), mode, statement, statement.startNanos(), WaitRule.Place.IN_LINE);
        }

        LockRow asRow() {
            long since = statement.startNanos();
            return new LockRow(owner, gate.table(), mode, true, since, since, statement, false, List.of(), 0);
        }
    }

    private final int session;
    private final UserName user;
    private final OwnerId between;
    private volatile OwnerId id;
    /** Does the lock table know anything of the current transaction? Set under the mutex. */
    private volatile boolean inTable;

    private final AtomicReferenceArray<Taken> slots = new AtomicReferenceArray<>(SLOTS);
    private int taken; // slots in use; the statement's thread only

    private long startNanos; // written before id, read after it
    private volatile int priority;
    private final Party.Occupation occupation = new Party.Occupation();

    @SuppressWarnings("FieldMayBeFinal") // through ROWS_CHANGED
    private long rowsChanged;

    @SuppressWarnings("FieldMayBeFinal") // through STATEMENT
    private StatementRecord statement = StatementRecord.NONE;

    @SuppressWarnings("unused") // through IDLE_SINCE; 0 while a statement runs
    private long idleSince;

    LockOwner(int session, UserName user) {
        this.session = session;
        this.user = user;
        this.between = new OwnerId(session, 0);
        this.id = between;
    }

    public int session() {
        return session;
    }

    public UserName user() {
        return user;
    }

    /** The transaction that locks are for now; its number is 0 between transactions. */
    public OwnerId id() {
        return id;
    }

    /** Is a transaction of this session open that has asked for a lock? */
    public boolean isActive() {
        return id != between;
    }

    /** A statement begins; locks taken from now on are its. */
    public void starts(StatementRecord next) {
        STATEMENT.setRelease(this, next);
        IDLE_SINCE.setRelease(this, 0L);
    }

    /** The statement has ended, at {@code nanos} on the engine's clock. */
    public void ends(long nanos) {
        IDLE_SINCE.setRelease(this, nanos);
    }

    /** The statement that runs, or ran last; {@link StatementRecord#NONE} before the first. */
    public StatementRecord statement() {
        return (StatementRecord) STATEMENT.getAcquire(this);
    }

    /** Since when the session has been idle, on the engine's clock; 0 while a statement runs. */
    public long idleSince() {
        return (long) IDLE_SINCE.getAcquire(this);
    }

    /** When the current transaction took its first lock, on the engine's clock. */
    public long startNanos() {
        return startNanos;
    }

    /** Rows inserted, updated or deleted by the current transaction. */
    public long rowsChanged() {
        return (long) ROWS_CHANGED.getOpaque(this);
    }

    /** Counts changed rows; called by the thread that runs the statement. */
    public void countRowsChanged(long rows) {
        ROWS_CHANGED.setOpaque(this, rowsChanged + rows);
    }

    /** -10 to 10; the lowest of a cycle gives way. */
    public int deadlockPriority() {
        return priority;
    }

    /** What the session does besides. */
    public Party.Occupation occupation() {
        return occupation;
    }

    public void setDeadlockPriority(int priority) {
        this.priority = priority;
    }

    void begin(long transaction, long nanos) {
        startNanos = nanos;
        ROWS_CHANGED.setOpaque(this, 0L);
        ID.setRelease(this, new OwnerId(session, transaction));
    }

    /** Takes an intent lock if {@code open}ly possible; see the class comment. */
    boolean take(TableGate gate, LockMode intent, FastPath fastPath) {
        for (int i = 0; i < taken; i++) {
            Taken held = slots.getPlain(i);
            if (held != null && held.gate == gate && held.mode.covers(intent)) {
                return true;
            }
        }
        if (taken == SLOTS || !gate.isOpen() || !fastPath.isOpenAbove()) {
            return false;
        }
        Spot.SLOT_CHOSEN.pass();
        Taken next = new Taken(id, gate, intent, statement());
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

    /** Moves the locks behind {@code gate} out of the slots. Called under the mutex, with the gate just closed. */
    void moveOut(TableGate gate, LockTable table) {
        move(lock -> lock.gate == gate, table);
    }

    /** Moves every lock out of the slots. Called under the mutex, with the way above just closed. */
    void moveOutAll(LockTable table) {
        move(lock -> true, table);
    }

    /** The table has the lock before the slot is empty: what ends a move in the middle loses none. */
    private void move(Predicate<Taken> which, LockTable table) {
        for (int i = 0; i < SLOTS; i++) {
            Taken lock = slots.get(i);
            if (lock != null && lock != MOVED && which.test(lock)) {
                inTable = true;
                table.adopt(lock.asRequest());
                Spot.SLOT_ADOPTED.pass();
                if (!slots.compareAndSet(i, lock, MOVED)) {
                    table.release(
                            lock.owner, lock.gate.table(), lock.statement.startNanos()); // It has been given back.
                }
            }
        }
    }

    /**
     * Empties the slots of one table; the statement's thread only.
     *
     * @return false if the lock table may have something of it to give back
     */
    boolean giveBack(LockTarget.Table table) {
        boolean moved = false;
        for (int i = taken - 1; i >= 0; i--) {
            Taken lock = slots.getPlain(i);
            boolean isAsked = lock != null && lock != MOVED && lock.gate.table().equals(table);
            if (isAsked && slots.compareAndSet(i, lock, null)) {
                taken -= i == taken - 1 ? 1 : 0;
            } else {
                moved |= isAsked || lock == MOVED;
            }
        }
        return !moved && !inTable;
    }

    /** The intent locks that only the slots know. From any thread. */
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

    /** Ends the transaction and empties the slots; true if the lock table has something to give back too. */
    boolean end() {
        id = between;
        occupation.transactionEnded();
        boolean moved = false;
        for (int i = 0; i < taken; i++) {
            Taken lock = slots.getPlain(i);
            if (lock == null || lock == MOVED || !slots.compareAndSet(i, lock, null)) {
                moved = true;
                slots.set(i, null);
            }
        }
        taken = 0;
        return moved | inTable;
    }

    /** The lock table is about to know something of the transaction; false if that has ended. Under the mutex. */
    boolean enters(OwnerId owner) {
        inTable = true;
        return id.equals(owner);
    }

    /** The lock table knows nothing of the transaction any more. Under the mutex. */
    void left() {
        inTable = false;
    }
}
