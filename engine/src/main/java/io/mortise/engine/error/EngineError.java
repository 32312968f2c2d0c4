package io.mortise.engine.error;

import io.mortise.engine.text.Cut;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;

/**
 * The errors of the engine, with the SQLState and vendor code a caller can switch on. Immutable.
 *
 * <p>Vendor codes are H2's wherever H2 has one, because frameworks key on them; 216 and 372 to 374 are ClickHouse's.
 */
public enum EngineError {
    /** A second statement came while one was in flight on the session. */
    SESSION_IS_LOCKED(
            "HY010",
            373,
            "A second statement came while another is in flight on the session.",
            "Give each thread a connection of its own, or set SESSION_BUSY=WAIT to queue."),
    /** A rollback or a setter could not run because the session stayed busy: the connection must be dropped. */
    SESSION_STAYED_BUSY(
            "08007",
            373,
            "A roll-back, commit or setter found the session busy for longer than SESSION_BUSY_GRACE.",
            "Drop the connection. What became of the transaction is not known."),
    SESSION_NOT_FOUND(
            "08003",
            372,
            "SESSION_CHECK=1, and there is no session of that name.",
            "Connect without SESSION_CHECK, or create the session first."),
    INVALID_SESSION_TIMEOUT(
            "22023",
            374,
            "SESSION_TIMEOUT is not a number of seconds in its range.",
            "Give one between 1 and the limit that the message names."),
    QUERY_ID_IS_RUNNING(
            "HY010",
            216,
            "A statement with this query id is running.",
            "Give each running statement an id of its own."),
    LOCK_TIMEOUT(
            "HYT00",
            50200,
            "A wait for a lock took longer than LOCK_TIMEOUT. The statement was undone, the transaction goes on.",
            "The message names the holder. Commit there before the slow call, or run the statement again."),
    DEADLOCK(
            "40001",
            40001,
            "The transactions waited for each other, and this one gave way. It was rolled back.",
            "Run the whole transaction again. Take rows in the same order everywhere, and it does not come back."),
    SERIALIZATION_CONFLICT(
            "40001",
            90131,
            "A row has changed since the snapshot of this transaction, or a serializable transaction had to give way.",
            "Run the whole transaction again."),
    /** Cancelled, killed, interrupted, or the query timeout. */
    CANCELLED(
            "57014",
            57014,
            "The statement was ended: cancel, query timeout, KILL, ABORT or an interrupt. The message says which.",
            "Nothing, if you meant it. Otherwise raise the timeout that the message names."),
    SESSION_ABORTED(
            "08006",
            90067,
            "The session was ended from outside, or the line to another process broke.",
            "Connect again. Its transaction was rolled back."),
    DATABASE_CLOSED(
            "08003", 90098, "The database is closed, or was shut down while the session was open.", "Connect again."),
    /** It was closed beside the end of its statement: who tells the one from the other has seen both. */
    OUTCOME_UNKNOWN(
            "08007",
            90098,
            "The session was closed from outside just as its statement, or COMMIT, came to its end.",
            "Connect again, and look whether what it did is there."),
    SESSIONS_INHIBITED(
            "08004",
            90135,
            "Another session has locked the system: nobody may connect.",
            "Try again later. The message names the session."),
    /** LOCK SYSTEM, and the locker is not alone. */
    SESSIONS_ARE_CONNECTED(
            "55006",
            90135,
            "LOCK SYSTEM found other sessions connected.",
            "Wait for them to leave, or end them. The message lists them."),
    UNKNOWN_SETTING("08001", 90113, "The URL has a setting that does not exist.", "The message names the nearest one."),
    INVALID_SETTING_VALUE(
            "22023", 90008, "A setting has a value outside its range.", "The message says what it accepts."),
    /** The URL cannot be used: malformed, or in conflict with how the database is open already. */
    INVALID_URL(
            "08001",
            90046,
            "The URL is malformed, or contradicts how the database is already open.",
            "The message says which part, and what to leave out."),
    WRONG_STORAGE_VERSION(
            "08001",
            90048,
            "The class path has another version of H2 than the engine works with.",
            "Use mortise-all, which brings its own, or the version in the message."),
    /** Nothing that serves databases answers at the URL's address; H2's code for a connection that broke. */
    NOT_REACHED(
            "08001",
            90067,
            "Nothing that serves databases answers at the address in the URL.",
            "Start the other process with SERVE, and check address and port."),
    /** H2 has no slot left for another transaction; its own code for that is the general one. */
    TOO_MANY_TRANSACTIONS(
            "53000",
            50000,
            "All slots for open transactions are taken.",
            "The message names the oldest transactions. End them, or start the process with -Dh2.maxOpenTransactions=1000."),
    NOT_SUPPORTED(
            "HYC00",
            50100,
            "The call or statement does not exist here.",
            "The message names what to use instead, where there is something."),
    READ_ONLY(
            "25006", 90097, "A write on a connection that is read-only.", "setReadOnly(false), or another connection."),
    NOT_AUTHORISED(
            "42501", 90096, "The user lacks a right.", "Ask an administrator for the GRANT that the message names."),
    /** H2's own, for what only administrators may do. */
    NOT_ADMINISTRATOR("90040", 90040, "Only administrators may do this.", "Log in as one."),
    SYNTAX("42000", 42000, "A command of this driver is not written as it should be.", "The message shows its form."),
    INVALID_VALUE(
            "22023",
            90008,
            "A parameter of a function or command is outside its range.",
            "The message says what it accepts."),
    OBJECT_NOT_FOUND(
            "42S02",
            42102,
            "A table or schema that a command names does not exist.",
            "Check the name and the current schema.");

    private final String sqlState;
    private final int vendorCode;
    private static final int LONGEST = 16_384;

    private final String meaning;
    private final String remedy;

    EngineError(String sqlState, int vendorCode, String meaning, String remedy) {
        this.sqlState = sqlState;
        this.vendorCode = vendorCode;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    public String sqlState() {
        return sqlState;
    }

    public int vendorCode() {
        return vendorCode;
    }

    /** What has happened, in a sentence or two: the table of errors in the documentation is made of these. */
    public String meaning() {
        return meaning;
    }

    /** What to do about it. */
    public String remedy() {
        return remedy;
    }

    /**
     * An exception of this kind, for those that have no class of their own. Its type tells the caller whether to try
     * the statement again, the transaction again, the connection again, or nothing. Of a text that is longer than any
     * of ours, because it repeats a megabyte of somebody's, the beginning is said.
     */
    public SQLException exception(String text) {
        String message = Cut.of(text, LONGEST);
        return switch (this) {
            case SESSION_IS_LOCKED, QUERY_ID_IS_RUNNING, SESSIONS_ARE_CONNECTED, TOO_MANY_TRANSACTIONS ->
                new SQLTransientException(message, sqlState, vendorCode);
            case SESSION_STAYED_BUSY, SESSIONS_INHIBITED ->
                new SQLTransientConnectionException(message, sqlState, vendorCode);
            case DEADLOCK, SERIALIZATION_CONFLICT -> new SQLTransactionRollbackException(message, sqlState, vendorCode);
            case LOCK_TIMEOUT, CANCELLED -> new SQLTimeoutException(message, sqlState, vendorCode);
            case SESSION_ABORTED -> new SQLRecoverableException(message, sqlState, vendorCode);
            case SESSION_NOT_FOUND,
                    DATABASE_CLOSED,
                    OUTCOME_UNKNOWN,
                    UNKNOWN_SETTING,
                    INVALID_URL,
                    WRONG_STORAGE_VERSION,
                    NOT_REACHED -> new SQLNonTransientConnectionException(message, sqlState, vendorCode);
            case INVALID_SESSION_TIMEOUT, INVALID_SETTING_VALUE, INVALID_VALUE ->
                new SQLDataException(message, sqlState, vendorCode);
            case NOT_SUPPORTED -> new SQLFeatureNotSupportedException(message, sqlState, vendorCode);
            case SYNTAX, OBJECT_NOT_FOUND -> new SQLSyntaxErrorException(message, sqlState, vendorCode);
            case READ_ONLY, NOT_AUTHORISED, NOT_ADMINISTRATOR ->
                new SQLNonTransientException(message, sqlState, vendorCode);
        };
    }
}
