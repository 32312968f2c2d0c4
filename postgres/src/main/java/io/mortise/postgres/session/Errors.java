package io.mortise.postgres.session;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.error.EngineException;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SerializationFacts;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the server's errors mean, told by their SQLStates: which of ours they are, and for what reason. What is not
 * about locks, endings or the line stays as pgjdbc has it. Immutable.
 */
final class Errors {
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";
    private static final String SERIALIZATION = "40001";
    private static final String CANCELLED = "57014";
    private static final String TERMINATED = "57P01";
    private static final String IDLE_IN_TRANSACTION = "25P03";
    private static final String TRANSACTION_TIMEOUT = "25P04";
    private static final String IDLE_SESSION = "57P05";
    private static final String CLOSED = "08003";
    private static final String NO_COLUMN = "42703";

    private static final Pattern COMMIT = Pattern.compile("\\s*(COMMIT|END)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern READ = Pattern.compile("\\s*(SELECT|SHOW|VALUES|TABLE)\\b", Pattern.CASE_INSENSITIVE);

    private final PostgresSession session;

    Errors(PostgresSession session) {
        this.session = session;
    }

    SQLException translate(SQLException e) {
        if (e instanceof EngineException) {
            return e; // Ours already.
        }
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        SQLException ours = switch (state) {
            case CANCELLED -> cancelled(e);
            case TERMINATED, IDLE_IN_TRANSACTION, TRANSACTION_TIMEOUT, IDLE_SESSION -> ended(e, byServer(state));
            case LOCK_NOT_AVAILABLE -> session.reports().lockTimeout(e);
            case DEADLOCK -> session.reports().deadlock(e);
            case SERIALIZATION -> conflict(e);
            case NO_COLUMN -> noColumn(e);
            default -> state.startsWith("08") ? lineBroken(e, state) : e;
        };
        if (ours != e && ours.getCause() == null) {
            ours.initCause(e);
        }
        return ours instanceof BatchUpdateException || !(e instanceof BatchUpdateException batch) || ours == e
                ? ours
                : ofBatch(batch, ours);
    }

    /** The word is not read before: it may be a column of the user's. */
    private static SQLException noColumn(SQLException e) {
        return String.valueOf(e.getMessage()).contains("\"current_session\"")
                ? EngineError.NOT_SUPPORTED.exception("CURRENT_SESSION is not a word of PostgreSQL. Nothing was done:"
                        + " pg_backend_pid() is the number of the session.")
                : e;
    }

    /** Only its counts tell which rows of a batch are there. */
    private static SQLException ofBatch(BatchUpdateException batch, SQLException ours) {
        return new BatchUpdateException(
                ours.getMessage(), ours.getSQLState(), ours.getErrorCode(), batch.getLargeUpdateCounts(), ours);
    }

    private SQLException cancelled(SQLException e) {
        Optional<WaitEnding> told = session.ending();
        if (told.isPresent()) {
            return told.get().isForGood() ? ended(e, "") : ofEnding(told.get(), !session.isAutoCommit());
        }
        // Somebody else's cancel, or a limit that the server was given.
        boolean isTimeout = String.valueOf(e.getMessage()).contains("statement timeout");
        String what = isTimeout
                ? "Statement ended by the server's statement_timeout"
                : "Statement cancelled by another client of the server (pg_cancel_backend)";
        return new Ended(
                what + afterwards(!session.isAutoCommit()),
                isTimeout ? Reason.QUERY_TIMEOUT : Reason.CANCELLED,
                0,
                session.isAutoCommit());
    }

    /**
     * What a client is told whose statement or transaction was ended from here.
     *
     * @param isInTransaction has it one that the end of the statement has spoilt?
     */
    static SQLException ofEnding(WaitEnding why, boolean isInTransaction) {
        if (why.isForGood()) {
            return new SessionAbortedException(EndingTexts.ofSession(0, why), why.bySession());
        }
        if (why.end() == WaitEnd.ABORTED || why.end() == WaitEnd.CONNECTION_CLOSED) {
            return new StatementEndedException(
                    EndingTexts.ofStatement(why), EndingTexts.reason(why.end()), why.bySession());
        }
        return new Ended(
                EndingTexts.what(why) + afterwards(isInTransaction),
                EndingTexts.reason(why.end()),
                why.bySession(),
                !isInTransaction);
    }

    static String afterwards(boolean isInTransaction) {
        return isInTransaction
                ? ". What it had done was undone. PostgreSQL runs nothing else in the transaction: call rollback(), also to"
                        + " a savepoint."
                : ". What it had done was undone.";
    }

    static boolean isCommit(String sql) {
        return COMMIT.matcher(sql).lookingAt();
    }

    private static String byServer(String state) {
        return switch (state) {
            case IDLE_IN_TRANSACTION -> "the server ended it for idle_in_transaction_session_timeout";
            case TRANSACTION_TIMEOUT -> "the server ended it for transaction_timeout";
            case IDLE_SESSION -> "the server ended it for idle_session_timeout";
            default -> "the server was told to end it (pg_terminate_backend, or a shutdown)";
        };
    }

    private SQLException ended(SQLException e, String byServer) {
        WaitEnding why = session.ending()
                .filter(WaitEnding::isForGood)
                .orElse(new WaitEnding(
                        WaitEnd.SESSION_CLOSED, 0, byServer.isEmpty() ? String.valueOf(e.getMessage()) : byServer));
        return new SessionAbortedException(EndingTexts.ofSession(session.id(), why), why.bySession());
    }

    private SQLException lineBroken(SQLException e, String state) {
        if (state.equals(CLOSED) && session.ending().isEmpty()) {
            return e; // The connection was closed before.
        }
        if (session.course().endsByCommit()) {
            return new SQLNonTransientConnectionException(
                    "The connection broke during COMMIT. Whether the transaction was committed is unknown: look, before you"
                            + " run it again. Connect again. (" + e.getMessage() + ")",
                    "08007",
                    0);
        }
        if (session.ending().isPresent()) {
            return ended(e, "");
        }
        boolean isOpen = session.course().isRunning()
                && session.isAutoCommit()
                && mayWrite(session.course().announced());
        return isOpen
                ? new SQLNonTransientConnectionException(
                        "The connection broke while the statement ran. The session is in autocommit: whether the"
                                + " statement was carried out is unknown. Look, before you run it again. Connect"
                                + " again. (" + e.getMessage() + ")",
                        "08007",
                        0)
                : e;
    }

    private static boolean mayWrite(StatementRecord statement) {
        return !READ.matcher(statement.sql()).lookingAt();
    }

    private static SQLException conflict(SQLException e) {
        return new SerializationConflictException(
                "The transaction cannot be serialized with others, so PostgreSQL has failed it. Call rollback(), and run it"
                        + " again from its beginning. (" + e.getMessage() + ")",
                SerializationFacts.ofChange("", 0, 0));
    }

    /** A statement that was ended: in a transaction of PostgreSQL's, nothing else runs then. */
    private static final class Ended extends StatementEndedException {
        private static final long serialVersionUID = 1;
        private final boolean isAlive;

        Ended(String message, Reason reason, int bySession, boolean isAlive) {
            super(message, reason, bySession);
            this.isAlive = isAlive;
        }

        @Override
        public boolean isTransactionAlive() {
            return isAlive;
        }
    }
}
