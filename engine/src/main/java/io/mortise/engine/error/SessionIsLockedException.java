package io.mortise.engine.error;

import io.mortise.engine.text.OneLine;
import java.sql.SQLTransientException;

/**
 * A second statement came while one was in flight on the session. The first goes on untouched; the second may be tried
 * again as it is.
 */
public final class SessionIsLockedException extends SQLTransientException implements EngineException {
    private static final long serialVersionUID = 1;
    private final InFlight inFlight;

    /** @param refused what did not run: SQL, or the name of a call */
    public SessionIsLockedException(InFlight inFlight, String refused) {
        super(
                inFlight.firstLine() + "\n  in flight  " + OneLine.ofSql(inFlight.sql()) + "\n  refused    "
                        + OneLine.ofSql(refused)
                        + " on thread \""
                        + OneLine.ofName(Thread.currentThread().getName())
                        + "\"\n  hint       give each thread a connection of its own, from a pool; or put SESSION_BUSY=WAIT in the URL, to queue"
                        + " instead of failing",
                EngineError.SESSION_IS_LOCKED.sqlState(),
                EngineError.SESSION_IS_LOCKED.vendorCode());
        this.inFlight = inFlight;
    }

    public int getSessionId() {
        return inFlight.session();
    }

    /** Empty unless the session is a named one. */
    public String getSessionName() {
        return inFlight.sessionName();
    }

    /** The number of the statement in flight, which the message calls the query. */
    public long getStatementId() {
        return inFlight.statement();
    }

    /** The id of the statement in flight as text: the client's, or one made from the number. */
    public String getQueryId() {
        return inFlight.queryId();
    }

    /** The statement in flight. */
    public String getSql() {
        return inFlight.sql();
    }

    /** The name of the thread that runs it. */
    public String getThreadName() {
        return inFlight.thread();
    }

    /** How long it had been in flight when this was refused. */
    public long getElapsedMillis() {
        return inFlight.elapsedMillis();
    }

    @Override
    public EngineError error() {
        return EngineError.SESSION_IS_LOCKED;
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
