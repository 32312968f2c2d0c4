package io.mortise.engine.storage.transaction;

import io.mortise.engine.lock.StatementRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which statement of a session's open transaction has written from which place of its undo log on. Written by the
 * thread that runs the statements, asked by any.
 *
 * <p>An uncommitted version names its place in the log, and places only grow while statements run one after another. So
 * one entry for each statement that has written finds the statement of each of its rows, and nothing is noted per row.
 * A roll-back to a savepoint takes the log back, and the entries with it.
 *
 * <pre>
 * places      0         17          18            log of the transaction: 0 … 16 | 17 | 18 …
 * statements  INSERT …  UPDATE A …  UPDATE B …
 * </pre>
 *
 * <p>No order of memory is asked for here. An entry is written before the rows of its statement, a reader has seen such
 * a row, and storage publishes rows. What is written over while somebody reads lies behind the place that he looks for:
 * those rows have been rolled back. Asked for a transaction that has ended meanwhile, the answer is of no use: look
 * whether it is the same one still.
 */
public final class Writings {
    private static final int FEW = 8;

    /**
     * So many are remembered. Of a transaction of more, equal statements in a row become one, then the first are
     * forgotten.
     */
    static final int MOST = 4096;

    /** Both arrays in one object, because they are replaced together. */
    private record Entries(long[] places, @Nullable StatementRecord[] statements) {
        Entries(int room) {
            this(new long[room], new StatementRecord[room]);
        }
    }

    private static final Entries NONE = new Entries(0);

    private Entries entries = NONE;
    private int size;

    /** What is written from this place of the log on is this statement's. */
    public void begins(long place, StatementRecord statement) {
        int last = size;
        long[] places = entries.places;
        while (last > 0 && places[last - 1] >= place) {
            last--; // It has written nothing, or has been rolled back.
        }
        if (last == places.length) {
            last = makeRoom(last);
        }
        entries.places[last] = place;
        if (entries.statements[last] != statement) { // Another row of a batch: the collector minds each write.
            entries.statements[last] = statement;
        }
        size = last + 1;
    }

    /** The transaction has ended. */
    public void ended() {
        size = 0;
        if (entries.places.length > FEW) {
            entries = new Entries(FEW);
        }
    }

    /** In a copy: somebody may be reading. */
    private int makeRoom(int used) {
        Entries old = entries;
        if (used < MOST) {
            int room = Math.max(FEW, used * 2);
            entries = new Entries(Arrays.copyOf(old.places, room), Arrays.copyOf(old.statements, room));
            return used;
        }
        Entries fewer = new Entries(MOST);
        int kept = 0;
        for (int i = 0; i < used; i++) {
            if (kept == 0 || !isSame(fewer.statements[kept - 1], old.statements[i])) {
                fewer.places[kept] = old.places[i];
                fewer.statements[kept++] = old.statements[i];
            }
        }
        if (kept > MOST / 2) {
            int forgotten = kept - MOST / 2;
            System.arraycopy(fewer.places, forgotten, fewer.places, 0, MOST / 2);
            System.arraycopy(fewer.statements, forgotten, fewer.statements, 0, MOST / 2);
            kept = MOST / 2;
        }
        entries = fewer;
        return kept;
    }

    private static boolean isSame(@Nullable StatementRecord one, @Nullable StatementRecord other) {
        return one != null && other != null && one.sql().equals(other.sql());
    }

    /** The statement that has written at this place; {@link StatementRecord#NONE} if that is not known any more. */
    StatementRecord at(long place) {
        Entries now = entries;
        int low = 0;
        int high = Math.min(size, now.places.length);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (now.places[middle] <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        StatementRecord found = low == 0 ? null : now.statements[low - 1];
        return found == null ? StatementRecord.NONE : found;
    }
}
