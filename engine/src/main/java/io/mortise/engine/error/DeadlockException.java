package io.mortise.engine.error;

import java.sql.SQLTransactionRollbackException;

/** The transaction was rolled back to break a deadlock. Run it again. */
public class DeadlockException extends SQLTransactionRollbackException implements EngineException {
    private static final long serialVersionUID = 1;
    private final DeadlockFacts report;

    public DeadlockException(String message, DeadlockFacts report) {
        super(message, EngineError.DEADLOCK.sqlState(), EngineError.DEADLOCK.vendorCode());
        this.report = report;
    }

    public DeadlockFacts report() {
        return report;
    }

    @Override
    public EngineError error() {
        return EngineError.DEADLOCK;
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
