package io.mortise.engine.error;

import java.sql.SQLTimeoutException;

/** The statement was told to end; the reason says by whom or what. */
public class StatementEndedException extends SQLTimeoutException implements EngineException {
    private static final long serialVersionUID = 1;

    /** Why a statement was ended. */
    public enum Reason {
        /** {@code Statement.cancel}. */
        CANCELLED,
        QUERY_TIMEOUT,
        /** STOP_STATEMENT or KILL QUERY. */
        KILLED,
        /** Its session was aborted and lives on: the transaction was rolled back. */
        ABORTED,
        /** The thread was interrupted; its flag is set. */
        INTERRUPTED,
        /** Its connection was closed while it ran: the transaction was rolled back. */
        CONNECTION_CLOSED
    }

    private final Reason reason;
    private final int bySession;

    /** @param bySession the session that ended it; 0 if none did */
    public StatementEndedException(String message, Reason reason, int bySession) {
        super(message, EngineError.CANCELLED.sqlState(), EngineError.CANCELLED.vendorCode());
        this.reason = reason;
        this.bySession = bySession;
    }

    public Reason reason() {
        return reason;
    }

    public int bySession() {
        return bySession;
    }

    @Override
    public EngineError error() {
        return EngineError.CANCELLED;
    }

    @Override
    public boolean isRetryable() {
        return reason == Reason.QUERY_TIMEOUT;
    }

    @Override
    public boolean isTransactionAlive() {
        return reason != Reason.ABORTED && reason != Reason.CONNECTION_CLOSED;
    }
}
