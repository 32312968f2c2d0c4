package io.mortise.engine.storage.h2;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.error.LockFacts;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SerializationFacts;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.text.OneLine;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.jdbc.JdbcException;

/**
 * The engine's exceptions, made again from what H2's wire carries of them: SQLState, vendor code and message. The facts
 * that a caller in the engine's own process gets as data are in the message only. Stateless.
 */
public final class WireErrors {
    private static final Pattern BY_SESSION = Pattern.compile(" by session ([0-9]+)");
    private static final Pattern CONFLICT = Pattern.compile(
            " by session ([0-9]+) transaction ([0-9]+) since your snapshot: (.*?)\\. The transaction was");
    private static final Pattern SERVER = Pattern.compile("(?:tcp|ssl):(?://)?([^/;]+)");
    private static final int LONGEST = 500;
    private static final Participant UNKNOWN = new Participant(0, 0, "", "", "", "", "", -1, "", "", "");

    /** What has no class of its own, and a class that H2 would not choose. */
    private static final Set<EngineError> BY_CODE = Set.of(
            EngineError.SESSIONS_INHIBITED,
            EngineError.SESSIONS_ARE_CONNECTED,
            EngineError.QUERY_ID_IS_RUNNING,
            EngineError.READ_ONLY,
            EngineError.NOT_SUPPORTED,
            EngineError.NOT_AUTHORISED,
            EngineError.NOT_ADMINISTRATOR);

    private WireErrors() {}

    /** What H2 itself has thrown stays as it is, and so does what has been made again already. */
    public static SQLException translate(SQLException e) {
        if (!(e instanceof JdbcException known)) {
            return e;
        }
        String message = String.valueOf(known.getOriginalMessage());
        SQLException ours = switch (e.getErrorCode()) {
            case 50200 -> new LockTimeoutException(message, new LockFacts(UNKNOWN, "", 0, 0, List.of(), List.of()));
            case 40001 -> new DeadlockException(message, new DeadlockFacts(0, List.of(), 0));
            case 90131 -> conflict(message);
            case 57014 -> ended(message);
            // H2's client makes a broken connection of this code, and drops the message that came with it.
            case 90067 ->
                new SessionAbortedException(
                        "The session has ended in the other process: it was aborted, or that process has ended or hung"
                                + " up. Its transaction was rolled back. Connect again.\n  h2         " + message,
                        0);
            default -> byCode(e, message);
        };
        if (ours != e) {
            ours.initCause(e);
        }
        return ours;
    }

    /**
     * No session has begun, so nothing was lost: says what is at the other end of the URL instead, by how the attempt
     * failed.
     *
     * @param broken what H2 makes of every failure to connect
     */
    public static SQLException notReached(SQLException broken, String url) {
        Matcher server = SERVER.matcher(url);
        String address = server.find() ? server.group(1) : "the process that serves the file";
        Throwable reason = broken;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        String what;
        if (reason instanceof UnknownHostException) {
            what = "The host of " + address + " is not known.";
        } else if (reason instanceof ConnectException) {
            what = "Nothing listens at " + address + ".";
        } else if (reason instanceof SocketException || reason instanceof SocketTimeoutException) {
            what = "No answer came from " + address + ".";
        } else {
            what = "What answers at " + address + " is not a database that is served, or it has just ended.";
        }
        SQLException ours =
                EngineError.NOT_REACHED.exception(what + " No connection was made. See that the other process"
                        + " runs and serves (SERVE=tcp:PORT in its URL), and that the address is its.\n  h2         "
                        + OneLine.of(String.valueOf(broken.getMessage()), LONGEST));
        ours.initCause(broken);
        return ours;
    }

    private static SQLException conflict(String message) {
        Matcher conflict = CONFLICT.matcher(message);
        return new SerializationConflictException(
                message,
                conflict.find()
                        ? SerializationFacts.ofChange(
                                conflict.group(3), bySession(message), Long.parseLong(conflict.group(2)))
                        : SerializationFacts.ofChange("", 0, 0));
    }

    private static SQLException ended(String message) {
        Reason reason = Arrays.stream(WaitEnd.values())
                .filter(end -> message.startsWith(EndingTexts.beginning(end)))
                .findFirst()
                .map(EndingTexts::reason)
                .orElse(Reason.CANCELLED);
        return new StatementEndedException(message, reason, bySession(message));
    }

    private static SQLException byCode(SQLException e, String message) {
        return BY_CODE.stream()
                .filter(error -> error.vendorCode() == e.getErrorCode()
                        && error.sqlState().equals(e.getSQLState()))
                .findFirst()
                .map(error -> error.exception(message))
                .orElse(e);
    }

    private static int bySession(String message) {
        Matcher matcher = BY_SESSION.matcher(message);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
