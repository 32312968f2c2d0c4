package io.mortise.engine.storage;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitEnding;
import java.sql.Connection;
import java.sql.ResultSet;

/**
 * A session of H2's, by whatever route it came, and what the engine knows of it. Thread-safe: everything but
 * {@link #connection()} may be asked from any thread while a statement runs.
 */
public final class StorageSession {
    private StorageSession() {}

    /** H2's number of the session, what {@code SESSION_ID()} returns. */
    public int id() {
        throw new UnsupportedOperationException();
    }

    public String user() {
        throw new UnsupportedOperationException();
    }

    public boolean isAdmin() {
        throw new UnsupportedOperationException();
    }

    public LockOwner owner() {
        throw new UnsupportedOperationException();
    }

    /** The one lock manager of the database. */
    public LockManager locks() {
        throw new UnsupportedOperationException();
    }

    public TargetNames targetNames() {
        throw new UnsupportedOperationException();
    }

    /** H2's own JDBC connection; absent routes (tcp, pg) have none here. */
    public Connection connection() {
        throw new UnsupportedOperationException();
    }

    public boolean isOpen() {
        throw new UnsupportedOperationException();
    }

    public boolean isAutoCommit() {
        throw new UnsupportedOperationException();
    }

    /** H2's name: READ COMMITTED and so on. */
    public String isolation() {
        throw new UnsupportedOperationException();
    }

    /** Ends the statement in flight for this reason, be it running or waiting for a lock. Returns at once. */
    public void end(WaitEnding ending) {
        throw new UnsupportedOperationException(ending.toString());
    }

    /** Why the last statement was told to end; kept until the next one begins. For the driver's translation of errors. */
    public java.util.Optional<WaitEnding> ending() {
        throw new UnsupportedOperationException();
    }

    /** A statement of this session has failed or been rolled back to a savepoint: rows may be free. */
    public void mayHaveLetGo() {
        throw new UnsupportedOperationException();
    }

    /**
     * A record, with the engine's next statement id and the time now, of a statement that a client hands to this session
     * on the current thread.
     *
     * @param queryId the client's name for it; empty if it gave none
     */
    public StatementRecord describe(String sql, String queryId) {
        throw new UnsupportedOperationException(sql + queryId);
    }

    /**
     * The next statement that begins in this session, outside any other, is this one: its locks and its entry in the
     * journal refer to it, and no second record is made. Called by the thread that is about to run it.
     */
    public void announce(StatementRecord statement) {
        throw new UnsupportedOperationException(statement.sql());
    }

    /** Milliseconds after which H2 ends a statement that begins from now on; 0 for never. */
    public int queryTimeout() {
        throw new UnsupportedOperationException();
    }

    public void setQueryTimeout(int millis) {
        throw new UnsupportedOperationException(Integer.toString(millis));
    }

    /** From now on, are writes of this session refused with 25006? Those to temporary tables of its own are not. */
    public void setReadOnly(boolean readOnly) {
        throw new UnsupportedOperationException(Boolean.toString(readOnly));
    }

    /** Is the database itself open for reading only? Runs no SQL. */
    public boolean isDatabaseReadOnly() {
        throw new UnsupportedOperationException();
    }

    /** What {@code DATABASE()} returns. Runs no SQL. */
    public String catalog() {
        throw new UnsupportedOperationException();
    }

    /** Does H2 still produce the rows of this result of its own while they are read? */
    public boolean isStreaming(ResultSet result) {
        throw new UnsupportedOperationException(result.toString());
    }

    /** Milliseconds this session waits for a lock; negative for the policy's default. */
    public void setLockTimeout(long millis) {
        throw new UnsupportedOperationException(Long.toString(millis));
    }
}
