package io.mortise.engine.session;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.storage.StorageSession;
import java.sql.Connection;

/**
 * One client's conversation with the engine; runs one statement at a time. Thread-safe.
 */
public final class Session {
    private final StorageSession storage;

    Session(StorageSession storage) {
        this.storage = storage;
    }

    public int id() {
        return storage.id();
    }

    /** H2's own connection, to hand statements on to. */
    public Connection connection() {
        return storage.connection();
    }

    /** The lock manager of the database this session is in: who holds what, and who waits. For the testkit. */
    public LockManager locks() {
        return storage.locks();
    }

    /** What people call the targets of those locks. */
    public TargetNames targetNames() {
        return storage.targetNames();
    }
}
