package io.mortise.engine.error;

import java.sql.SQLTransactionRollbackException;

/** What the transaction has read was changed by another since, so it was rolled back. Run it again. */
public class SerializationConflictException extends SQLTransactionRollbackException implements EngineException {
    private static final long serialVersionUID = 1;
    private final String target;
    private final int changedBy;
    private final long changedByTransaction;

    /**
     * @param target what was changed, {@code PUBLIC.ACCOUNTS(ID=42)}
     * @param changedBy the session that changed it; 0 if that is not known any more
     * @param changedByTransaction its transaction; 0 if that is not known any more
     */
    public SerializationConflictException(String message, String target, int changedBy, long changedByTransaction) {
        super(message, EngineError.SERIALIZATION_CONFLICT.sqlState(), EngineError.SERIALIZATION_CONFLICT.vendorCode());
        this.target = target;
        this.changedBy = changedBy;
        this.changedByTransaction = changedByTransaction;
    }

    /** {@code PUBLIC.ACCOUNTS(ID=42)} */
    public String target() {
        return target;
    }

    /** The number of the transaction that changed it; 0 if that is not known any more. */
    public long changedByTransaction() {
        return changedByTransaction;
    }

    /** The session that changed it; 0 if that is not known any more. */
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
