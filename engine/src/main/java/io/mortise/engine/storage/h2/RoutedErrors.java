package io.mortise.engine.storage.h2;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.journal.ErrorEntry;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.function.Supplier;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * The engine's exceptions in the form that comes through H2 unchanged. H2 wraps an exception that is not its own in one
 * that is, with the statement's text added to the message. Being a {@link JdbcException} that says it has that text
 * already, these reach a caller on any route as they were made. Over tcp, H2 makes its own of state, code and message.
 */
public final class RoutedErrors {
    private RoutedErrors() {}

    /** Its message is complete: H2 adds nothing. */
    private interface Complete extends JdbcException {
        @Override
        default String getOriginalMessage() {
            return String.valueOf(((Throwable) this).getMessage());
        }

        @Override
        default String getSQL() {
            return "";
        }

        @Override
        default void setSQL(String sql) {
            throw new AssertionError("asked for by nobody who has looked at getSQL");
        }
    }

    /**
     * What a function of the engine, or a change of a virtual table's column, has thrown. The engine's own error stays
     * as it is; H2's gets the client's statement in place of the call that was made of it.
     */
    public static DbException of(Exception thrown, String clientsSql) {
        SQLException error = thrown instanceof SQLException sql
                ? sql
                : DbException.convert(thrown).getSQLException();
        return (error instanceof JdbcException ? DbException.convert(error) : DbException.convert(complete(error)))
                .addSQL(clientsSql);
    }

    /** Something that nobody can do: HYC00 / 50100. */
    public static DbException refuse(String message) {
        return of(EngineError.NOT_SUPPORTED.exception(message), "");
    }

    private static SQLException complete(SQLException error) {
        if (error instanceof SQLDataException) {
            return new WrongValue(error);
        } else if (error instanceof SQLSyntaxErrorException) {
            return new Syntax(error);
        } else if (error instanceof SQLFeatureNotSupportedException) {
            return new NotSupported(error);
        } else if (error instanceof SQLTimeoutException) {
            return new Timeout(error);
        } else if (error instanceof SQLNonTransientException) {
            return new NonTransient(error);
        } else if (error instanceof SQLTransientException) {
            return new Transient(error);
        }
        return error;
    }

    private static final class WrongValue extends SQLDataException implements Complete {
        private static final long serialVersionUID = 1;

        WrongValue(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    private static final class Syntax extends SQLSyntaxErrorException implements Complete {
        private static final long serialVersionUID = 1;

        Syntax(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    private static final class NotSupported extends SQLFeatureNotSupportedException implements Complete {
        private static final long serialVersionUID = 1;

        NotSupported(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    private static final class Timeout extends SQLTimeoutException implements Complete {
        private static final long serialVersionUID = 1;

        Timeout(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    private static final class NonTransient extends SQLNonTransientException implements Complete {
        private static final long serialVersionUID = 1;

        NonTransient(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    private static final class Transient extends SQLTransientException implements Complete {
        private static final long serialVersionUID = 1;

        Transient(SQLException error) {
            super(error.getMessage(), error.getSQLState(), error.getErrorCode());
        }
    }

    public static final class LockTimeout extends LockTimeoutException implements Complete {
        private static final long serialVersionUID = 1;

        public LockTimeout(LockTimeoutException error) {
            super(String.valueOf(error.getMessage()), error.report());
        }
    }

    /** Its words are made when somebody asks for them: until its transaction is rolled back, others wait for it. */
    public static final class Deadlock extends DeadlockException implements Complete, ErrorEntry.Late {
        private static final long serialVersionUID = 1;
        private static final DeadlockFacts NOT_YET = new DeadlockFacts(0, List.of(), 0);

        @SuppressWarnings("serial") // made before it is sent
        private transient @Nullable Supplier<DeadlockException> words;

        private final int characters;

        @GuardedBy("this")
        private String text = "";

        @GuardedBy("this")
        private DeadlockFacts facts = NOT_YET;

        /**
         * @param words makes the error that has them; the same one however often it is asked
         * @param characters about how many they are
         */
        public Deadlock(Supplier<DeadlockException> words, int characters) {
            super("", NOT_YET);
            this.words = words;
            this.characters = characters;
        }

        /** To be thrown through H2, which reads the message when it wraps the error, and shows it to nobody. */
        public synchronized DbException routed() {
            Supplier<DeadlockException> later = words;
            words = null;
            try {
                return DbException.convert(this);
            } finally {
                words = later;
            }
        }

        private synchronized void make() {
            Supplier<DeadlockException> maker = words;
            if (maker != null) {
                DeadlockException made = maker.get();
                text = String.valueOf(made.getMessage());
                facts = made.report();
                words = null;
            }
        }

        @Override
        public synchronized String getMessage() {
            make();
            return text;
        }

        @Override
        public synchronized DeadlockFacts report() {
            make();
            return facts;
        }

        @Override
        public synchronized Supplier<String> words() {
            Supplier<DeadlockException> maker = words;
            String made = text;
            return maker == null ? () -> made : () -> String.valueOf(maker.get().getMessage());
        }

        @Override
        public int characters() {
            return characters;
        }

        private synchronized void writeObject(ObjectOutputStream out) throws IOException {
            make();
            out.defaultWriteObject();
        }
    }

    public static final class StatementEnded extends StatementEndedException implements Complete {
        private static final long serialVersionUID = 1;

        public StatementEnded(String message, Reason reason, int bySession) {
            super(message, reason, bySession);
        }
    }

    public static final class SessionAborted extends SessionAbortedException implements Complete {
        private static final long serialVersionUID = 1;

        public SessionAborted(String message, int bySession) {
            super(message, bySession);
        }
    }

    public static SQLException closedMeanwhile() {
        return EngineError.DATABASE_CLOSED.exception(
                "The session was closed while its statement ran: another session has aborted it, or the database is"
                        + " shutting down. What the statement had done was undone. Connect again.");
    }

    /** The same where it had succeeded already, and nobody knows whether it was committed before that or not. */
    public static SQLException closedAtItsEnd() {
        return EngineError.OUTCOME_UNKNOWN.exception(
                "The session was closed as its statement ended: another session has aborted it or taken the database for"
                        + " itself, or the database is shutting down. What the statement had done is there, or it was"
                        + " undone. Connect again and look.");
    }

    /**
     * H2 repeats a statement whose error has the code that this one is to have. While H2 decides what to do the code is
     * the deadlock's, as H2's own is; from the roll-back on it is 90131.
     */
    public static final class Conflict extends SerializationConflictException implements Complete {
        private static final long serialVersionUID = 1;
        private static final int WHILE_RUNNING = 40001;
        private volatile boolean rolledBack;

        public Conflict(SerializationConflictException error) {
            super(String.valueOf(error.getMessage()), error.report());
        }

        @Override
        public int getErrorCode() {
            return rolledBack ? super.getErrorCode() : WHILE_RUNNING;
        }

        public void rolledBack() {
            rolledBack = true;
        }
    }

    /** What may fail with an error of the engine's own. */
    @FunctionalInterface
    public interface Action {
        void run() throws SQLException;
    }

    /** Fails with this inside H2, which hands it on as it is. */
    public static void raise(SQLException error) {
        throw DbException.convert(error);
    }

    /** Runs this inside H2, which hands its error on as it is. */
    public static void routed(Action action) {
        try {
            action.run();
        } catch (SQLException e) {
            throw of(e, "");
        }
    }

    /** The error for a database that is closed or is being closed, in the place of what H2 says. */
    public static SQLException databaseClosed(SQLException fromBelow, String message) {
        SQLException closed = EngineError.DATABASE_CLOSED.exception(message);
        closed.initCause(fromBelow);
        return closed;
    }
}
