package io.mortise.engine.error;

import java.sql.SQLTimeoutException;

/**
 * A lock was not to be had within the lock timeout, or at once where that was asked for. The transaction holds what it
 * held before.
 */
public class LockTimeoutException extends SQLTimeoutException implements EngineException {
    private static final long serialVersionUID = 1;
    private final LockFacts report;

    public LockTimeoutException(String message, LockFacts report) {
        super(message, EngineError.LOCK_TIMEOUT.sqlState(), EngineError.LOCK_TIMEOUT.vendorCode());
        this.report = report;
    }

    public LockFacts report() {
        return report;
    }

    @Override
    public EngineError error() {
        return EngineError.LOCK_TIMEOUT;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }

    @Override
    public boolean isTransactionAlive() {
        return true;
    }
}
