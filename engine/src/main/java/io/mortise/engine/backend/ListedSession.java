package io.mortise.engine.backend;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.text.UserName;
import java.time.Instant;
import java.util.Optional;

/** A session of an open database as the tables list it, by whatever route its client came. Thread-safe. */
public interface ListedSession {
    /** The database's number of the session, what {@code SESSION_ID()} returns. */
    int id();

    UserName user();

    boolean isOpen();

    /** Is it one of the database's own, that no client has? */
    boolean isSystem();

    boolean isAutoCommit();

    /** The isolation level by its name in SQL: READ COMMITTED and so on. */
    String isolation();

    /** When it began. */
    Instant loginTime();

    /** What the client calls itself, or else where it comes from; empty for one in this process that says nothing. */
    String clientInfo();

    LockOwner owner();

    /** The one lock manager of the database. */
    LockManager locks();

    /** What the session has been told, and has not carried out yet. */
    Optional<WaitEnding> told();

    /**
     * Ends this statement, and no other that comes after it. Never rolls back here: the statement's own thread does
     * that.
     *
     * @return false if it does not run
     */
    boolean end(long statement, WaitEnding reason);
}
