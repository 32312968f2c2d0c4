package io.mortise.engine.journal;

import io.mortise.engine.text.UserName;
import java.util.Comparator;

/**
 * A statement of the past. Immutable.
 *
 * @param id of the statement, unique while the engine runs
 * @param transaction number of the transaction it belonged to; 0 if it took no lock and changed nothing
 * @param sequence its number among the statements of its session
 * @param name the client's name for it; empty if it gave none
 * @param startNanos on the engine's clock, as is {@code endNanos}
 * @param rows changed or returned; negative if that is not known
 * @param errorCode 0 if it went well
 * @param sqlLength characters of the whole text, of which {@code sql} may be the beginning
 * @param batchRows how many rows of it have been executed without an error, if it was a prepared batch; else
 *     {@link #NO_BATCH}
 */
public record StatementEntry(
        long id,
        int session,
        UserName user,
        long transaction,
        long sequence,
        String name,
        String sql,
        String thread,
        long startNanos,
        long endNanos,
        long rows,
        int errorCode,
        int sqlLength,
        long batchRows) {
    /** Numbers alone tell the order within one session. */
    static final Comparator<StatementEntry> BY_BEGINNING =
            Comparator.comparingLong(StatementEntry::startNanos).thenComparingLong(StatementEntry::id);

    /** It was no batch. */
    public static final long NO_BATCH = -1;

    // Columns in the history: numbers, then texts.
    static final int ID = 0;
    static final int TRANSACTION = 1;
    static final int STARTED = 2;
    static final int ENDED = 3;
    static final int ROWS = 4;
    static final int ERROR = 5;
    static final int LENGTH = 6;
    static final int BATCH = 7;
    static final int NUMBERS = 8;
    static final int NAME = 0;
    static final int SQL = 1;
    static final int THREAD = 2;
    static final int TEXTS = 3;

    static StatementEntry read(History.Segment from, int row) {
        return new StatementEntry(
                from.number(row, ID),
                from.session(),
                from.user(),
                from.number(row, TRANSACTION),
                from.sequence(row),
                from.text(row, NAME),
                from.text(row, SQL),
                from.text(row, THREAD),
                from.number(row, STARTED),
                from.number(row, ENDED),
                from.number(row, ROWS),
                (int) from.number(row, ERROR),
                (int) from.number(row, LENGTH),
                from.number(row, BATCH));
    }

    /** The id that is text: the client's, or one made from the number. */
    public String queryId() {
        return name.isEmpty() ? "q-" + id : name;
    }

    public boolean isBatch() {
        return batchRows != NO_BATCH;
    }

    public boolean failed() {
        return errorCode != 0;
    }
}
