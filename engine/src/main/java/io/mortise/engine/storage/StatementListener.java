package io.mortise.engine.storage;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import java.sql.SQLException;

/**
 * Told of every statement and transaction of every session, by whatever route it came, on the thread that runs it. This
 * is on the way of every statement: an implementation must not block, must not throw and should not allocate.
 */
public interface StatementListener {
    /** A statement begins; one inside another has begun since and not ended. */
    default void started(StorageSession session, StatementRecord statement) {}

    default void ended(StorageSession session, StatementRecord statement, long nanos) {}

    default void failed(StorageSession session, StatementRecord statement, long nanos, SQLException error) {}

    /** The transaction takes its first lock. */
    default void transactionStarted(StorageSession session, OwnerId transaction) {}

    default void transactionEnded(StorageSession session, OwnerId transaction, boolean committed) {}

    /** A session has gone; told at the latest when the next one comes. */
    default void sessionClosed(StorageSession session) {}
}
