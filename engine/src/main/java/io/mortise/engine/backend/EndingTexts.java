package io.mortise.engine.backend;

import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.lock.WaitEnding;

/** What a client is told of an ending from outside: who, why, and how things stand now. Stateless. */
public final class EndingTexts {
    private EndingTexts() {}

    /** For the reasons that a {@link io.mortise.engine.error.StatementEndedException} has. */
    public static String ofStatement(WaitEnding ending) {
        String what = ending.why().isEmpty() ? past(ending) : ending.why();
        return switch (ending.end()) {
            case KILLED -> what + ". What it had done was undone; the transaction goes on.";
            case ABORTED ->
                what + ". The transaction was rolled back; the session lives on."
                        + " Call rollback(). Run it again from its beginning.";
            case CONNECTION_CLOSED -> what + ". The transaction was rolled back.";
            default -> what + ". The transaction goes on.";
        };
    }

    private static String past(WaitEnding ending) {
        String by = by(ending);
        return switch (ending.end()) {
            case KILLED -> "Statement killed" + by;
            case ABORTED -> "Statement aborted" + by;
            case CONNECTION_CLOSED -> "Statement ended, its connection was closed";
            default -> "Statement cancelled" + by;
        };
    }

    public static Reason reason(WaitEnding ending) {
        return switch (ending.end()) {
            case KILLED -> Reason.KILLED;
            case ABORTED -> Reason.ABORTED;
            case CONNECTION_CLOSED -> Reason.CONNECTION_CLOSED;
            case INTERRUPTED -> Reason.INTERRUPTED;
            case QUERY_TIMEOUT -> Reason.QUERY_TIMEOUT;
            default -> Reason.CANCELLED;
        };
    }

    /** The session itself has gone. */
    public static String ofSession(int session, WaitEnding ending) {
        String by = by(ending);
        return "Session " + session + (by.isEmpty() ? " was closed" : " was aborted" + by)
                + (ending.why().isEmpty() ? "" : ": " + ending.why())
                + ". Its transaction was rolled back. Connect again.";
    }

    private static String by(WaitEnding ending) {
        return ending.bySession() == 0 ? "" : " by session " + ending.bySession();
    }
}
