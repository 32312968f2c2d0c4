package io.mortise.engine.error;

/** What every exception of the engine tells a program, besides its SQLState and its text. Each is a SQLException. */
public interface EngineException {
    EngineError error();

    /**
     * May the same work succeed if it is done again? If {@link #isTransactionAlive()} that is the statement, else the
     * transaction.
     */
    boolean isRetryable();

    /** Does the transaction go on, with what it had done and locked before this statement? */
    boolean isTransactionAlive();
}
