package io.mortise.engine.error;

import java.sql.SQLRecoverableException;

/** The session was aborted: its transaction was rolled back and its connection is closed. Connect again. */
public class SessionAbortedException extends SQLRecoverableException implements EngineException {
    private static final long serialVersionUID = 1;
    private final int bySession;

    /** @param bySession the session that aborted it; 0 if none did */
    public SessionAbortedException(String message, int bySession) {
        super(message, EngineError.SESSION_ABORTED.sqlState(), EngineError.SESSION_ABORTED.vendorCode());
        this.bySession = bySession;
    }

    public int bySession() {
        return bySession;
    }

    @Override
    public EngineError error() {
        return EngineError.SESSION_ABORTED;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }

    @Override
    public boolean isTransactionAlive() {
        return false;
    }
}
