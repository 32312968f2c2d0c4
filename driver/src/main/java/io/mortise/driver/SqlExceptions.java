package io.mortise.driver;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.Session;
import java.io.EOFException;
import java.net.SocketException;
import java.sql.BatchUpdateException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one place where an exception from below becomes what the caller gets. */
final class SqlExceptions {
    private static final int CONNECTION_BROKEN = 90067;
    private static final int IO_EXCEPTION = 90028;
    private static final int IO_EXCEPTION_WITH_FILE = 90031;
    private static final int DATABASE_IS_CLOSED = 90098;
    private static final int DATABASE_CALLED_AT_SHUTDOWN = 90121;
    private static final int DATABASE_IS_READ_ONLY = 90097;
    private static final int CANCELLED = 57014;
    private static final int GENERAL_ERROR = 50000;
    /** What the text of an ending says of the transaction. */
    private static final String ROLLED_BACK = " Its transaction was rolled back. Connect again.";
    /** What H2 tells a session that runs while another shuts the database down, or takes it for itself. */
    private static final int TAKEN_BY_ANOTHER = 90135;

    private SqlExceptions() {}

    /**
     * Gives an error that ends a connection a SQLState that pools know, and says why a session or statement was ended
     * from outside. All other exceptions of the engine and of H2 stay as they are.
     */
    static SQLException translate(SQLException fromBelow, Attachment attachment) {
        SQLException e = attachment.translate(fromBelow);
        if (!(e instanceof BatchUpdateException batch)) {
            return ofOne(e, attachment);
        }
        SQLException first = batch.getNextException();
        if (isGone(first) || first != null && isGone(first.getNextException())) {
            // Each row behind the one that was ended says that it found no session.
            SQLException reason = first != null && isUnknown(first, attachment)
                    ? unknown(first, attachment)
                    : attachment.whyEnded().orElseGet(() -> ofOne(batch, attachment));
            return ofBatch(batch, reason, reason == batch ? first : reason);
        }
        SQLException row = first == null ? null : attachment.translate(first);
        if (row != null && row != first) {
            SQLException ours = ofOne(chained(first, row), attachment);
            return ofBatch(batch, ours, ours);
        }
        if (first != null && saysWhy(first)) {
            return ofBatch(batch, first, first); // It knows more than the session does: for what it had waited.
        }
        SQLException ours = ofOne(batch, attachment);
        return ours == batch ? batch : ofBatch(batch, ours, first);
    }

    private static boolean isGone(@Nullable SQLException row) {
        return row != null
                && switch (row.getErrorCode()) {
                    case CONNECTION_BROKEN, DATABASE_IS_CLOSED, DATABASE_CALLED_AT_SHUTDOWN -> true;
                    default -> false;
                };
    }

    /**
     * Only its counts tell which rows of a batch are there, so whatever has ended it, it stays a failure of a batch.
     */
    private static BatchUpdateException ofBatch(
            BatchUpdateException batch, SQLException ours, @Nullable SQLException next) {
        BatchUpdateException failure = new BatchUpdateException(
                ours.getMessage(), ours.getSQLState(), ours.getErrorCode(), batch.getLargeUpdateCounts(), ours);
        if (next != null) {
            failure.setNextException(next);
        }
        return failure;
    }

    private static SQLException ofOne(SQLException e, Attachment attachment) {
        return switch (e.getErrorCode()) {
            case CONNECTION_BROKEN -> fatal(e, "08006", attachment);
            case IO_EXCEPTION, IO_EXCEPTION_WITH_FILE -> isLineCut(e, attachment) ? fatal(e, "08006", attachment) : e;
            case DATABASE_IS_CLOSED, DATABASE_CALLED_AT_SHUTDOWN -> fatal(e, "08003", attachment);
            case TAKEN_BY_ANOTHER -> isH2s(e) ? fatal(e, "08003", attachment) : e;
            case CANCELLED ->
                saysWhy(e)
                        ? e
                        : attachment
                                .whyEnded()
                                .map(reason -> because(e, reason))
                                .orElseGet(() -> ofTransaction(e, attachment));
            case DATABASE_IS_READ_ONLY -> attachment.isReadOnly() ? readOnly(e) : e;
            case GENERAL_ERROR -> {
                SQLException why = attachment.isLeftByServer() ? hungUp(e) : closed();
                yield isClosedMeanwhile(e, attachment) ? because(e, why) : e;
            }
            default -> isBare(e) ? notSupported(e) : e;
        };
    }

    /** A statement is cancelled, too, when its transaction has to give way to others. */
    private static SQLException ofTransaction(SQLException e, Attachment attachment) {
        try {
            attachment.checkNotLost();
            return e;
        } catch (SQLException lost) {
            return because(e, lost);
        }
    }

    /** The server has ended the session in the middle of a batch. */
    private static SQLException hungUp(SQLException e) {
        return new SQLNonTransientConnectionException(
                "The server has ended the session. Drop the connection. What became of the statement is not known.",
                "08006",
                CONNECTION_BROKEN,
                e);
    }

    /** While it reads on, H2 says so of the line to another process too. */
    private static boolean isLineCut(SQLException e, Attachment attachment) {
        if (!attachment.session().isElsewhere()) {
            return false;
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof EOFException) {
                return true;
            }
        }
        return attachment.isClosed(); // Of the reading of a large value H2 keeps no cause.
    }

    /** H2 looks once whether a connection is open, and stumbles if another thread closes it after that. */
    private static boolean isClosedMeanwhile(SQLException e, Attachment attachment) {
        return e.getCause() instanceof NullPointerException && attachment.isClosed();
    }

    /** A wait that was ended knows why, and for what it had waited. A cancel may be another's, by H2's own way. */
    private static boolean saysWhy(SQLException e) {
        return e instanceof StatementEndedException ended && ended.reason() != Reason.CANCELLED;
    }

    private static SQLException fatal(SQLException e, String sqlState, Attachment attachment) {
        if (isUnknown(e, attachment)) {
            return unknown(e, attachment); // Who has ended the session would say that all of it was rolled back.
        }
        Optional<SQLException> reason = attachment.whyEnded();
        if (reason.isPresent()) {
            return because(e, reason.get());
        }
        if (sqlState.equals(e.getSQLState())) {
            return e;
        }
        return chained(e, new SQLNonTransientConnectionException(e.getMessage(), sqlState, e.getErrorCode(), e));
    }

    /** May it have been committed? H2's client drops what a server says that has aborted the session. */
    private static boolean isUnknown(SQLException e, Attachment attachment) {
        return saysUnknown(e) || attachment.mayStandElsewhere();
    }

    private static boolean saysUnknown(SQLException e) {
        return EngineError.OUTCOME_UNKNOWN.sqlState().equals(e.getSQLState());
    }

    private static SQLException unknown(SQLException e, Attachment attachment) {
        if (saysUnknown(e)) {
            return e;
        }
        String why =
                String.valueOf(attachment.whyEnded().orElse(e).getMessage()).replace(ROLLED_BACK, "");
        return because(
                e,
                EngineError.OUTCOME_UNKNOWN.exception(why
                        + "\n  outcome    not known: what was on its way to the other process is there, or it was undone."
                        + " Connect again and look."));
    }

    /** Those that came after the one from below come after ours. */
    private static SQLException chained(SQLException e, SQLException ours) {
        if (e != ours && e.getNextException() != null && ours.getNextException() == null) {
            ours.setNextException(e.getNextException());
        }
        return ours;
    }

    private static SQLException because(SQLException e, SQLException reason) {
        if (reason != e && reason.getCause() == null) {
            reason.initCause(e);
        }
        return chained(e, reason);
    }

    /** H2 knows read-only databases only, and says so of a connection too. */
    private static SQLException readOnly(SQLException e) {
        return because(
                e,
                EngineError.READ_ONLY.exception("The connection is read only. Nothing was written."
                        + " setReadOnly(false) allows it to write."));
    }

    /** H2's SQLSTATE is the code; ours, of the same code, say something else. */
    private static boolean isH2s(SQLException e) {
        return Integer.toString(e.getErrorCode()).equals(e.getSQLState());
    }

    /** One that the JDK's default methods throw: it has no SQLState, and pools go by that. */
    private static boolean isBare(SQLException e) {
        return e instanceof SQLFeatureNotSupportedException && e.getSQLState() == null;
    }

    private static SQLException notSupported(SQLException e) {
        return because(e, EngineError.NOT_SUPPORTED.exception("Feature not supported: " + e.getMessage()));
    }

    /** What was prepared in a session cannot be executed in another. */
    static SQLException leftBehind(Session session) {
        return new SQLNonTransientException(
                "The statement belongs to session " + session.id() + " '" + session.name()
                        + "', which its connection has left by CLOSE_SESSION or CONNECT. It was not executed."
                        + " Prepare it again.",
                "90007",
                90007);
    }

    /** What H2 says of a closed object. */
    static SQLException closed() {
        return new SQLNonTransientException("The object is already closed", "90007", 90007);
    }

    /** What H2 says where there is no text to run. */
    static SQLException noText() {
        return new SQLDataException("Invalid value \"null\" for parameter \"SQL\"", "90008", 90008);
    }

    /** What H2 says of a text that a prepared statement is given, before it looks at the text. */
    static SQLException prepared() {
        return new SQLNonTransientException(
                "This method is not allowed for a prepared statement; use a regular statement instead.",
                "90130",
                90130);
    }
}
