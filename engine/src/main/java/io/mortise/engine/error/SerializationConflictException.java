package io.mortise.engine.error;

import java.sql.SQLTransactionRollbackException;

/** What the transaction has read was changed by another since, so it was rolled back. Run it again. */
public class SerializationConflictException extends SQLTransactionRollbackException implements EngineException {
    private static final long serialVersionUID = 1;
    private final int changedBy;

    /** @param changedBy the session that changed it; 0 if that is not known any more */
    public SerializationConflictException(String message, int changedBy) {
        super(message, EngineError.SERIALIZATION_CONFLICT.sqlState(), EngineError.SERIALIZATION_CONFLICT.vendorCode());
        this.changedBy = changedBy;
    }

    public int changedBy() {
        return changedBy;
    }

    @Override
    public EngineError error() {
        return EngineError.SERIALIZATION_CONFLICT;
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
