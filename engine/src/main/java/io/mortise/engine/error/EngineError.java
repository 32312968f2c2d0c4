package io.mortise.engine.error;

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
    UNKNOWN_SETTING("08001", 90113),
    INVALID_SETTING_VALUE("22023", 90008),
    /** The URL can not be used: malformed, or in conflict with how the database is open already. */
    INVALID_URL("08001", 90046),
    WRONG_STORAGE_VERSION("08001", 90048),
    NOT_SUPPORTED("HYC00", 50100),
    READ_ONLY("25006", 90097),
    NOT_AUTHORISED("42501", 90096),
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
}
