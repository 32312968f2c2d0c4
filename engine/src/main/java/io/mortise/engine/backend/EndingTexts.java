package io.mortise.engine.backend;

import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What a client is told of an ending: what happened, at whose word, and how things stand now. The one place that words
 * it, with an answer for every {@link WaitEnd}: a new one does not compile until it has its words. Stateless.
 */
public final class EndingTexts {
    private EndingTexts() {}

    /** Of a statement that ran, or waited for a lock: a sentence without its full stop. */
    public static String what(WaitEnding ending) {
        return ending.why().isEmpty() ? "Statement " + past(ending) : ending.why();
    }

    /** How {@link #what} begins if nothing more is known: another process tells endings apart by that. */
    public static String beginning(WaitEnd end) {
        return "Statement " + past(WaitEnding.of(end));
    }

    /** Of a statement that ran, and what to do now. */
    public static String ofStatement(WaitEnding ending) {
        String now = switch (ending.end()) {
            case KILLED -> "What it had done was undone; the transaction goes on.";
            case ABORTED ->
                "The transaction was rolled back; the session lives on. Call rollback(). Run it again from its beginning.";
            case CONNECTION_CLOSED, SESSION_CLOSED, DEADLOCK_VICTIM, GAVE_WAY, SHUTDOWN ->
                "The transaction was rolled back.";
            case TIMEOUT, CANCELLED, QUERY_TIMEOUT, INTERRUPTED -> "The transaction goes on.";
        };
        return what(ending) + ". " + now;
    }

    private static String past(WaitEnding ending) {
        return switch (ending.end()) {
            case KILLED -> "killed" + by(ending);
            case ABORTED -> "aborted" + by(ending);
            case CANCELLED -> "cancelled" + by(ending);
            case SESSION_CLOSED -> "ended, its session was aborted" + by(ending);
            case CONNECTION_CLOSED -> "ended, its connection was closed";
            case INTERRUPTED -> "ended, its thread was interrupted";
            case QUERY_TIMEOUT -> "ended at its query timeout";
            case TIMEOUT -> "ended at its lock timeout";
            case DEADLOCK_VICTIM -> "ended as the victim of a deadlock";
            case GAVE_WAY -> "ended, its transaction could not be serialized";
            case SHUTDOWN -> "ended, the database was closed";
        };
    }

    /** Of a statement that stood in line for its session: why it did not come in. */
    public static String ofNewcomer(WaitEnding ending) {
        return switch (ending.end()) {
            case INTERRUPTED -> "its thread was interrupted";
            case SESSION_CLOSED, ABORTED -> "its session was ended" + by(ending);
            case CONNECTION_CLOSED -> "its connection was closed";
            case CANCELLED, KILLED, QUERY_TIMEOUT, TIMEOUT, DEADLOCK_VICTIM, GAVE_WAY, SHUTDOWN ->
                "it was cancelled" + by(ending);
        };
    }

    /** What the exception says of it. Those that have an exception of their own are told by this one in line only. */
    public static Reason reason(WaitEnd end) {
        return switch (end) {
            case KILLED -> Reason.KILLED;
            case ABORTED -> Reason.ABORTED;
            case CONNECTION_CLOSED -> Reason.CONNECTION_CLOSED;
            case INTERRUPTED -> Reason.INTERRUPTED;
            case QUERY_TIMEOUT -> Reason.QUERY_TIMEOUT;
            case CANCELLED, TIMEOUT, DEADLOCK_VICTIM, GAVE_WAY, SESSION_CLOSED, SHUTDOWN -> Reason.CANCELLED;
        };
    }

    /** The session itself has gone. */
    public static String ofSession(int session, WaitEnding ending) {
        String by = by(ending);
        return "Session " + session + (by.isEmpty() ? " was closed" : " was aborted" + by)
                + (ending.why().isEmpty() ? "" : ": " + ending.why())
                + ". Its transaction was rolled back. Connect again.";
    }

    /** What a client is told afterwards of its statement or session; empty if it has cancelled the statement itself. */
    public static Optional<SQLException> error(int session, WaitEnding ending) {
        return switch (ending.end()) {
            case KILLED, ABORTED, CONNECTION_CLOSED ->
                Optional.of(new StatementEndedException(ofStatement(ending), reason(ending.end()), ending.bySession()));
            case SESSION_CLOSED ->
                Optional.of(new SessionAbortedException(ofSession(session, ending), ending.bySession()));
            case TIMEOUT, DEADLOCK_VICTIM, CANCELLED, QUERY_TIMEOUT, INTERRUPTED, GAVE_WAY, SHUTDOWN ->
                Optional.empty();
        };
    }

    private static String by(WaitEnding ending) {
        return ending.bySession() == 0 ? "" : " by session " + ending.bySession();
    }
}
