package io.mortise.engine.backend;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.text.Secrets;
import io.mortise.engine.text.UserName;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * What sessions have in common whose database is not in this process: its locks are there, and here is only what the
 * session itself does. Thread-safe as its interface says.
 */
public abstract class DistantSession implements ClientSession {
    private static final AtomicLong LAST_STATEMENT = new AtomicLong();

    private final LockManager locks;
    private final LockOwner owner;
    private final UnaryOperator<String> keptText;
    private volatile int queryTimeout;
    private volatile boolean readOnly;

    /**
     * @param locks those of this process
     * @param owner registered there, by the number that the database knows the session by
     * @param keptText what is kept of a statement's text
     */
    protected DistantSession(LockManager locks, LockOwner owner, UnaryOperator<String> keptText) {
        this.locks = locks;
        this.owner = owner;
        this.keptText = keptText;
    }

    /** {@inheritDoc} There the server says so. */
    @Override
    public final Optional<SQLException> closedMeanwhile() {
        return Optional.empty();
    }

    @Override
    public final int id() {
        return owner.session();
    }

    @Override
    public final UserName user() {
        return owner.user();
    }

    @Override
    public final boolean isElsewhere() {
        return true;
    }

    @Override
    public final LockManager locks() {
        return locks;
    }

    @Override
    public final LockOwner owner() {
        return owner;
    }

    @Override
    public final boolean isReadOnly() {
        return readOnly;
    }

    /** {@inheritDoc} Here it is only kept. */
    @Override
    public void setReadOnly(boolean isReadOnly) throws SQLException {
        readOnly = isReadOnly;
    }

    @Override
    public final int queryTimeout() {
        return queryTimeout;
    }

    @Override
    public void setQueryTimeout(int millis) {
        queryTimeout = millis;
    }

    @Override
    public StatementRecord describe(String sql, String queryId) {
        return new StatementRecord(
                LAST_STATEMENT.incrementAndGet(),
                id(),
                user(),
                queryId,
                keptText.apply(Secrets.masked(sql)),
                System.nanoTime(),
                Thread.currentThread(),
                sql.length());
    }

    @Override
    public void rollBackLost() {
        // Nothing here waits for the turn of a session whose transaction is lost.
    }

    @Override
    public final SQLException error(WaitOutcome outcome) {
        return new SQLTimeoutException("The wait for a session of another process ended: " + outcome, "57014", 57014);
    }
}
