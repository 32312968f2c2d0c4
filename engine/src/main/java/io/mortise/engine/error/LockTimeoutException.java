package io.mortise.engine.error;

import java.sql.SQLTimeoutException;
import java.util.List;

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

    /** Those it waited for: holders first. */
    public List<Participant> blockers() {
        return report.blockers();
    }

    /** Those that stood ahead, in order. */
    public List<Participant> queue() {
        return report.queue();
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
