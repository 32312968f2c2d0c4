package io.mortise.engine.journal;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.text.UserName;

/**
 * A transaction that took a lock or changed something. Immutable.
 *
 * @param endNanos on the engine's clock; meaningless while it is open
 */
public record TransactionEntry(OwnerId owner, UserName user, long startNanos, State state, long endNanos) {
    // Columns in the history.
    static final int NUMBER = 0;
    static final int STARTED = 1;
    static final int ENDED = 2;
    static final int STATE = 3;
    static final int NUMBERS = 4;

    private static final State[] STATES = State.values();

    static TransactionEntry read(History.Segment from, int row) {
        return new TransactionEntry(
                new OwnerId(from.session(), from.number(row, NUMBER)),
                from.user(),
                from.number(row, STARTED),
                STATES[(int) from.number(row, STATE)],
                from.number(row, ENDED));
    }

    /** How a transaction stands. */
    public enum State {
        OPEN,
        COMMITTED,
        ROLLED_BACK
    }
}
