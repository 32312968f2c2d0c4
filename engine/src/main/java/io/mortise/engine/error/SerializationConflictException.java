package io.mortise.engine.error;

import java.sql.SQLTransactionRollbackException;

/** What the transaction has read was changed by another since, so it was rolled back. Run it again. */
public class SerializationConflictException extends SQLTransactionRollbackException implements EngineException {
    private static final long serialVersionUID = 1;
    private final SerializationFacts report;

    public SerializationConflictException(String message, SerializationFacts report) {
        super(message, EngineError.SERIALIZATION_CONFLICT.sqlState(), EngineError.SERIALIZATION_CONFLICT.vendorCode());
        this.report = report;
    }

    /** Who has read what, who wrote it, by which statements, and why this transaction gave way. */
    public SerializationFacts report() {
        return report;
    }

    /** What was changed, {@code PUBLIC.ACCOUNTS(ID=42)}; empty if that is not known any more. */
    public String target() {
        return report.target();
    }

    /** The number of the transaction that changed it; 0 if that is not known any more. */
    public long changedByTransaction() {
        return report.otherTransaction();
    }

    /** The session that changed it; 0 if that is not known any more. */
    public int changedBy() {
        return report.otherSession();
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
