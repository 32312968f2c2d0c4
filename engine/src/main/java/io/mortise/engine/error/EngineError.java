package io.mortise.engine.error;

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
    SESSION_IS_LOCKED("HY010", 373),
    /** A rollback or a setter could not run because the session stayed busy: the connection must be dropped. */
    SESSION_STAYED_BUSY("08007", 373),
    SESSION_NOT_FOUND("08003", 372),
    INVALID_SESSION_TIMEOUT("22023", 374),
    QUERY_ID_IS_RUNNING("HY010", 216),
    LOCK_TIMEOUT("HYT00", 50200),
    DEADLOCK("40001", 40001),
    SERIALIZATION_CONFLICT("40001", 90131),
    /** Cancelled, killed, interrupted, or the query timeout. */
    CANCELLED("57014", 57014),
    SESSION_ABORTED("08006", 90067),
    DATABASE_CLOSED("08003", 90098),
    SESSIONS_INHIBITED("08004", 90135),
    /** LOCK SYSTEM, and the locker is not alone. */
    SESSIONS_ARE_CONNECTED("55006", 90135),
    UNKNOWN_SETTING("08001", 90113),
    INVALID_SETTING_VALUE("22023", 90008),
    /** The URL can not be used: malformed, or in conflict with how the database is open already. */
    INVALID_URL("08001", 90046),
    WRONG_STORAGE_VERSION("08001", 90048),
    /** Nothing that serves databases answers at the URL's address; H2's code for a connection that broke. */
    NOT_REACHED("08001", 90067),
    /** H2 has no slot left for another transaction; its own code for that is the general one. */
    TOO_MANY_TRANSACTIONS("53000", 50000),
    NOT_SUPPORTED("HYC00", 50100),
    READ_ONLY("25006", 90097),
    NOT_AUTHORISED("42501", 90096),
    /** H2's own, for what only administrators may do. */
    NOT_ADMINISTRATOR("90040", 90040),
    SYNTAX("42000", 42000),
    INVALID_VALUE("22023", 90008),
    OBJECT_NOT_FOUND("42S02", 42102);

    private final String sqlState;
    private final int vendorCode;

    EngineError(String sqlState, int vendorCode) {
        this.sqlState = sqlState;
        this.vendorCode = vendorCode;
    }

    public String sqlState() {
        return sqlState;
    }

    public int vendorCode() {
        return vendorCode;
    }

    /**
     * An exception of this kind, for those that have no class of their own. Its type tells the caller whether to try the
     * statement again, the transaction again, the connection again, or nothing.
     */
    public SQLException exception(String message) {
        return switch (this) {
            case SESSION_IS_LOCKED, QUERY_ID_IS_RUNNING, SESSIONS_ARE_CONNECTED, TOO_MANY_TRANSACTIONS ->
                new SQLTransientException(message, sqlState, vendorCode);
            case SESSION_STAYED_BUSY, SESSIONS_INHIBITED ->
                new SQLTransientConnectionException(message, sqlState, vendorCode);
            case DEADLOCK, SERIALIZATION_CONFLICT -> new SQLTransactionRollbackException(message, sqlState, vendorCode);
            case LOCK_TIMEOUT, CANCELLED -> new SQLTimeoutException(message, sqlState, vendorCode);
            case SESSION_ABORTED -> new SQLRecoverableException(message, sqlState, vendorCode);
            case SESSION_NOT_FOUND, DATABASE_CLOSED, UNKNOWN_SETTING, INVALID_URL, WRONG_STORAGE_VERSION, NOT_REACHED ->
                new SQLNonTransientConnectionException(message, sqlState, vendorCode);
            case INVALID_SESSION_TIMEOUT, INVALID_SETTING_VALUE, INVALID_VALUE ->
                new SQLDataException(message, sqlState, vendorCode);
            case NOT_SUPPORTED -> new SQLFeatureNotSupportedException(message, sqlState, vendorCode);
            case SYNTAX, OBJECT_NOT_FOUND -> new SQLSyntaxErrorException(message, sqlState, vendorCode);
            case READ_ONLY, NOT_AUTHORISED, NOT_ADMINISTRATOR ->
                new SQLNonTransientException(message, sqlState, vendorCode);
        };
    }
}
