package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.Apart;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A session as the lock manager sees it: its current transaction, what it runs, and the locks that it holds without the
 * mutex. Written by the thread that runs the session's statement, read by all.
 */
public final class LockOwner extends Apart {
    private static final VarHandle TRANSACTION;
    private static final VarHandle STATEMENT;
    private static final VarHandle IDLE_SINCE;
    private static final VarHandle ROWS_CHANGED;
    /** So many numbers of transactions a session takes at once: one that takes each by itself waits for the others. */
    private static final int MOST_NUMBERS = 64;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            TRANSACTION = lookup.findVarHandle(LockOwner.class, "transaction", long.class);
            STATEMENT = lookup.findVarHandle(LockOwner.class, "statement", StatementRecord.class);
            IDLE_SINCE = lookup.findVarHandle(LockOwner.class, "idleSince", long.class);
            ROWS_CHANGED = lookup.findVarHandle(LockOwner.class, "rowsChanged", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private final int session;
    private final UserName user;
    private final OwnerId between;
    /**
     * The number of the transaction that is open; 0 if none is. No reference: the collector minds each write of one.
     */
    private volatile long transaction;
    /** Numbers that are set aside for the next transactions of this session; the statement's thread only. */
    private long nextNumber;

    private int numbersLeft;
    private int block = 1;
    /** Does the lock table know anything of the current transaction? Set under the mutex. */
    private volatile boolean inTable;
    /** Has it ever known anything of the session? Set under the mutex, and never taken back. */
    private volatile boolean hasEntered;

    private final TableGate.Slots slots;
    private long startNanos; // written before the transaction, read after it
    /** The same, later by what the transaction has waited for locks. By its thread; others read it for a guess. */
    private long worksSince;

    private volatile boolean looksOut;
    private volatile @Nullable Waiter waiter;
    private volatile Waiter.@Nullable Cycle cycle;
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
        this.slots = new TableGate.Slots(this);
    }

    public int session() {
        return session;
    }

    public UserName user() {
        return user;
    }

    /** The transaction that locks are for now; its number is 0 between transactions. */
    public OwnerId id() {
        long open = transaction;
        return open == 0 ? between : new OwnerId(session, open);
    }

    /** The number of the transaction that is open; 0 if none is. */
    long transaction() {
        return transaction;
    }

    /** Is a transaction of this session open that has asked for a lock? */
    public boolean isActive() {
        return transaction != 0;
    }

    /** A statement begins; locks taken from now on are its. */
    public void starts(StatementRecord next) {
        if (statement != next) { // Another row of a batch.
            if (slots.isAnyTaken()) {
                slots.keep(statement);
            }
            STATEMENT.setRelease(this, next);
        }
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

    /** A thread of the session's begins to wait. */
    void waits(Waiter begins) {
        waiter = begins;
        occupation.setWaiting(true);
    }

    /** The transaction's thread has waited for a lock. */
    void hasWaited(long nanos) {
        worksSince += nanos;
        waiter = null;
        occupation.setWaiting(false);
    }

    /** The wait of one of its threads, if any waits. A guess if others ask. */
    @Nullable
    Waiter waiter() {
        return waiter;
    }

    /** Its transaction gives way in a deadlock. */
    void givesWay(Waiter.Cycle in) {
        cycle = in;
    }

    /** In which deadlock its transaction has given way; not told again. */
    Optional<Waiter.Cycle> takeCycle() {
        Waiter.Cycle known = cycle;
        if (known != null) {
            cycle = null;
        }
        return Optional.ofNullable(known);
    }

    /** Its thread waits for a row without giving up its processor, or does not any more. By that thread. */
    public void setLookingOut(boolean isLookingOut) {
        looksOut = isLookingOut;
    }

    /** Does it wait for a lock, in whatever way? A guess if others ask. */
    public boolean isHeldUp() {
        return looksOut || occupation.isWaiting();
    }

    /** Is it about to be done, as far as others can see: it works, and has for less than so long? A guess. */
    public boolean isBrief(long nowNanos, long longestNanos) {
        return !isHeldUp() && nowNanos - worksSince < longestNanos;
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

    /**
     * A number for its next transaction; the statement's thread only.
     *
     * @param last the last number that a transaction of this database has got, or may get
     */
    long nextNumber(AtomicLong last) {
        if (numbersLeft == 0) {
            nextNumber = last.getAndAdd(block) + 1;
            numbersLeft = block;
            block = Math.min(MOST_NUMBERS, block * 2);
        }
        numbersLeft--;
        return nextNumber++;
    }

    void begin(long transaction, long nanos) {
        startNanos = nanos;
        worksSince = nanos;
        ROWS_CHANGED.setOpaque(this, 0L);
        TRANSACTION.setRelease(this, transaction);
    }

    /** Ends the transaction and empties the slots; true if the lock table has something to give back too. */
    boolean end() {
        // Written before it is read whether the table knows anything: that takes a fence, and to empty a slot is one.
        if (slots.isAnyTaken()) {
            TRANSACTION.setRelease(this, 0L);
        } else {
            transaction = 0;
        }
        occupation.transactionEnded();
        return slots.end() | inTable;
    }

    /** The locks that only it knows. */
    TableGate.Slots slots() {
        return slots;
    }

    /**
     * Gives back what is in the slots of one target; the statement's thread only.
     *
     * @return false if the lock table may have something of it to give back
     */
    boolean giveBack(LockTarget target) {
        return slots.giveBack(target) && !inTable;
    }

    /** The lock table is about to know something of the transaction. Under the mutex. */
    void enters() {
        if (!hasEntered) {
            hasEntered = true;
        }
        inTable = true;
    }

    /** Has the lock table ever known anything of the session? From any thread. */
    boolean hasEntered() {
        return hasEntered;
    }

    /** The lock table is about to know something of the transaction; false if that has ended. Under the mutex. */
    boolean enters(OwnerId owner) {
        enters();
        return id().equals(owner);
    }

    /** The lock table knows nothing of the transaction any more. Under the mutex. */
    void left() {
        inTable = false;
    }
}
