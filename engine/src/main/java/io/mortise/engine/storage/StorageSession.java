package io.mortise.engine.storage;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.WaitEnding;
import java.sql.Connection;

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

    /** Milliseconds this session waits for a lock; negative for the policy's default. */
    public void setLockTimeout(long millis) {
        throw new UnsupportedOperationException(Long.toString(millis));
    }
}
