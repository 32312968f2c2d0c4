package io.mortise.engine.error;

import io.mortise.engine.text.OneLine;
import java.sql.SQLTransientConnectionException;

/**
 * A rollback or a setter could not run because a statement stayed in flight. The state of the connection is not what
 * its user believes it to be, so a pool must drop it, and the SQLState makes it do so.
 */
public final class SessionStayedBusyException extends SQLTransientConnectionException implements EngineException {
    private static final long serialVersionUID = 1;
    private final InFlight inFlight;

    /** @param refused the name of the call that was not carried out */
    public SessionStayedBusyException(InFlight inFlight, String refused, long graceMillis) {
        super(
                inFlight.firstLine() + "\n  in flight  " + OneLine.ofSql(inFlight.sql()) + "\n  refused    "
                        + OneLine.ofSql(refused)
                        + " on thread \""
                        + OneLine.ofName(Thread.currentThread().getName()) + "\", after waiting " + graceMillis
                        + " ms (SESSION_BUSY_GRACE)\n  state      nothing was changed; the transaction is still open"
                        + "\n  hint       close this connection, which cancels the statement and rolls back",
                EngineError.SESSION_STAYED_BUSY.sqlState(),
                EngineError.SESSION_STAYED_BUSY.vendorCode());
        this.inFlight = inFlight;
    }

    /** The statement that stayed. */
    public InFlight getInFlight() {
        return inFlight;
    }

    @Override
    public EngineError error() {
        return EngineError.SESSION_STAYED_BUSY;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }

    @Override
    public boolean isTransactionAlive() {
        return true;
    }
}
