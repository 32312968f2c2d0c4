package io.mortise.engine.lock;

import io.mortise.engine.thread.Apart;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A few places for the locks of one transaction after the other. Its session's thread fills them, anybody reads and
 * empties them.
 *
 * <p>One word has a bit for each place that is full, and above them a number that every filling raises. To fill a place
 * or to empty one is one atomic change of the word. Since no word comes twice, an unchanged word means that what it
 * says is full has not changed either. So what a place is about need not be volatile, and stays for the next
 * transaction, which mostly locks the same. A reader looks at the word, at the place, and at the word again.
 */
final class Places extends Apart {
    static final int SIZE = 24;

    private static final long FULL = (1L << SIZE) - 1;
    private static final long ONE_MORE = FULL + 1;
    private static final int FEW = 2;
    private static final Place[] NO_PLACES = {};
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Places.class, "word", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A lock that the lock table does not know: an intention on a table, or S on the keys of a row. */
    record Taken(OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement, long filling) {
        LockRequest asRequest() {
            return new LockRequest(owner, target, mode, statement, statement.startNanos(), WaitRule.Place.IN_LINE);
        }

        LockRow asRow() {
            long since = statement.startNanos();
            return new LockRow(owner, target, mode, true, since, since, statement, false, List.of(), 0);
        }
    }

    /** What one place is about. Written while its bit is not set; {@code kept} also later, and read by its number. */
    private static final class Place {
        LockTarget target;
        LockMode mode;
        long transaction;
        long statement;
        long filling;
        /** The statement of that number, once another one runs. */
        @Nullable
        StatementRecord kept;

        Place(LockTarget target, LockMode mode) {
            this.target = target;
            this.mode = mode;
        }
    }

    private final int session;
    private final Supplier<StatementRecord> running;

    @SuppressWarnings("FieldMayBeFinal") // through WORD
    private volatile long word;

    /** Volatile for who sees a longer one than the word that it has read is about. */
    private volatile @Nullable Place[] places = NO_PLACES;

    private long fillings; // as in the word; the session's thread only
    private int used; // places since the last end, whether still full or not; the same thread
    private boolean keepsStatements; // the same thread

    /** @param running the statement that the session runs now; it may be asked on any thread */
    Places(int session, Supplier<StatementRecord> running) {
        this.session = session;
        this.running = running;
    }

    /** How many have been filled since the last end, whether they are still full or not. The session's thread only. */
    int used() {
        return used;
    }

    /** Is an intention there that covers this one? The session's thread only. */
    boolean covers(LockTarget.Table table, LockMode intent) {
        for (int i = 0; i < used; i++) {
            Place place = places[i];
            if (place != null && place.target == table && isFull(i) && place.mode.covers(intent)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Fills the next place, for all to see. The session's thread only.
     *
     * @return what {@link #undo} asks for
     */
    long fill(LockTarget target, LockMode mode, long transaction, StatementRecord statement) {
        int i = used++; // Counted first: what an Error leaves is found at the end.
        Place place = place(i, target, mode);
        VarHandle.storeStoreFence(); // Whoever sees what follows sees that the place was empty, and looks again.
        if (place.target != target && !place.target.equals(target)) { // The collector minds each reference.
            place.target = target;
        }
        if (place.mode != mode) {
            place.mode = mode;
        }
        place.transaction = transaction;
        place.statement = statement.id();
        fillings += ONE_MORE;
        place.filling = fillings;
        WORD.getAndAdd(this, ONE_MORE + (1L << i)); // Nobody else sets a bit, so adding sets it.
        return fillings;
    }

    private Place place(int i, LockTarget target, LockMode mode) {
        @Nullable Place[] all = places;
        if (i >= all.length) {
            all = Arrays.copyOf(all, Math.min(SIZE, Math.max(FEW, i * 2)));
            places = all;
        }
        Place place = all[i];
        if (place == null) {
            place = new Place(target, mode);
            all[i] = place;
        }
        return place;
    }

    /** Empties the place that was filled last; false if somebody else has done so. The session's thread only. */
    boolean undo(long filling) {
        boolean isEmptied = empty(used - 1, filling);
        used -= isEmptied ? 1 : 0;
        return isEmptied;
    }

    /** Empties a place of what it was filled with; false if that is not there any more. From any thread. */
    boolean empty(int i, long filling) {
        long seen = word;
        while ((seen & 1L << i) != 0 && filling(i) == filling) {
            if (WORD.compareAndSet(this, seen, seen & ~(1L << i))) {
                return true; // The word has not changed since it was seen, so the place was about that all the time.
            }
            seen = word;
        }
        return false;
    }

    private long filling(int i) {
        Place place = places[i];
        return place == null ? 0 : place.filling;
    }

    /**
     * Empties the places of one target. The session's thread only.
     *
     * @return false if one that was filled with it has been emptied before
     */
    boolean giveBack(LockTarget target) {
        boolean isAllThere = true;
        for (int i = used - 1; i >= 0; i--) {
            Place place = places[i];
            if (place != null && place.target.equals(target)) {
                if (empty(i, place.filling)) {
                    used -= i == used - 1 ? 1 : 0;
                } else {
                    isAllThere = false;
                }
            }
        }
        return isAllThere;
    }

    /**
     * Empties all places, the transaction has ended; false if one of them was empty. To be called if any is used: only
     * then it is an atomic change, which others see before what is written next. The session's thread only.
     */
    boolean end() {
        long was = (long) WORD.getAndSet(this, fillings);
        boolean isAllThere = (was & FULL) == (1L << used) - 1;
        for (int i = 0; keepsStatements && i < used; i++) {
            Place place = places[i];
            if (place != null) {
                place.kept = null;
            }
        }
        keepsStatements = false;
        used = 0;
        return isAllThere;
    }

    /** Another statement is about to run; the locks of this one stay. The session's thread only. */
    void keep(StatementRecord statement) {
        for (int i = 0; i < used; i++) {
            Place place = places[i];
            if (place != null && place.statement == statement.id() && !isOf(place.kept, statement.id())) {
                place.kept = statement;
                keepsStatements = true;
            }
        }
    }

    private static boolean isOf(@Nullable StatementRecord statement, long id) {
        return statement != null && statement.id() == id;
    }

    /** How many full places are about the keys of a row? The session's thread only. */
    int keys() {
        int keys = 0;
        for (int i = 0; i < used; i++) {
            Place place = places[i];
            keys += place != null && isFull(i) && place.target instanceof LockTarget.RowKey ? 1 : 0;
        }
        return keys;
    }

    /** Is the place full? From any thread, which knows nothing of what is in it yet. */
    boolean isFull(int i) {
        return (word & 1L << i) != 0;
    }

    /** Is any place full? From any thread. */
    boolean isAnyFull() {
        return (word & FULL) != 0;
    }

    /** What is in a place; null if it is empty. From any thread. */
    @Nullable
    Taken read(int i) {
        long seen = word;
        while ((seen & 1L << i) != 0) {
            Taken read = readOnce(i);
            VarHandle.acquireFence();
            long now = word;
            if (now == seen && read != null) {
                return read;
            }
            seen = now;
        }
        return null;
    }

    /** What is in it if it does not change meanwhile. */
    private @Nullable Taken readOnce(int i) {
        Place place = places[i];
        if (place == null) {
            return null;
        }
        OwnerId owner = new OwnerId(session, place.transaction);
        LockTarget target = place.target;
        StatementRecord now = running.get(); // Before the one that was kept: that is written before the next one runs.
        StatementRecord kept = place.kept;
        long asked = place.statement;
        StatementRecord statement = kept != null && kept.id() == asked ? kept : now;
        return new Taken(
                owner, target, place.mode, statement.id() == asked ? statement : StatementRecord.NONE, place.filling);
    }
}
