package io.mortise.watch.read;

import java.sql.SQLException;
import java.util.Locale;

/**
 * Ends what somebody was shown, through the statements of the database and with the rights of the user who asks.
 * Thread-safe.
 */
public final class Actions {
    /** What is ended. */
    public enum Kind {
        /** The statement; the transaction stays. */
        CANCEL,
        /** The statement and the transaction; the session stays. */
        ROLL_BACK,
        /** All of it, and the connection. */
        DISCONNECT;

        /** {@code roll-back} is {@link #ROLL_BACK}. */
        public static Kind of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    private static final String GONE = "Nothing was done: session %d does not run that any more. Look again.";

    private final Database database;

    public Actions(Database database) {
        this.database = database;
    }

    /**
     * Ends it, if it is still what was seen.
     *
     * @param seen number of the statement for a cancel, of the transaction otherwise; 0: whatever it is
     * @return what has happened, in a sentence
     * @throws SQLException what the database says, among others that this user may not
     */
    public String end(Kind kind, int session, long seen) throws SQLException {
        if (session == database.session()) {
            throw new SQLException("That is the session that watches. To end it, log out.", "22023");
        }
        return kind == Kind.CANCEL ? cancel(session, seen) : abort(kind, session, seen);
    }

    private String cancel(int session, long seen) throws SQLException {
        Rows running = database.read("SELECT STATEMENT_ID FROM SYS.SESSIONS WHERE SESSION = ?", session);
        long statement = running.isEmpty() ? 0 : running.number(0, "STATEMENT_ID");
        if (statement == 0 || (seen != 0 && statement != seen)) {
            return GONE.formatted(session);
        }
        database.read("SELECT STOP_STATEMENT(?)", statement);
        return "The statement of session %d was cancelled. Its transaction is still open.".formatted(session);
    }

    private String abort(Kind kind, int session, long seen) throws SQLException {
        int how = kind == Kind.ROLL_BACK ? 1 : 2;
        String update = "UPDATE SYS.SESSIONS SET ABORT = ? WHERE SESSION = ?";
        int ended = seen == 0
                ? database.change(update, how, session)
                : database.change(update + " AND TNO = ?", how, session, seen);
        if (ended == 0) {
            return GONE.formatted(session);
        }
        return (kind == Kind.ROLL_BACK
                        ? "The transaction of session %d was rolled back. The session goes on."
                        : "Session %d was disconnected. Its transaction was rolled back.")
                .formatted(session);
    }
}
