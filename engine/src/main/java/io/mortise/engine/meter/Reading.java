package io.mortise.engine.meter;

import java.util.Map;

/**
 * The figures of a database as of one instant. Those that count have counted since the database was opened. Immutable.
 *
 * @param sessions connected sessions, by state: idle, idle_in_transaction, running, lock_wait, streaming, prepared,
 *     inhibited
 * @param openTransactions transactions that have taken a lock or changed something, and have not ended
 * @param oldestTransactionMillis how long the oldest of them has been open; 0 if none is
 * @param locks granted locks that the lock manager knows, by kind: table, row, unique_key and so on
 * @param uncommittedRows rows that open transactions have changed
 * @param waiting requests that wait for a lock now
 * @param longestWaitMillis how long the oldest of them has waited; 0 if none waits
 * @param waits requests that had to wait, and have ended
 * @param waitMillis how long they waited in all
 * @param timeouts waits that ended at their timeout
 * @param deadlocks deadlocks that were broken
 * @param refused statements that were refused because their session was busy
 * @param statements statements that have ended
 * @param statementNanos how long they ran in all
 */
public record Reading(
        Map<String, Long> sessions,
        long openTransactions,
        long oldestTransactionMillis,
        Map<String, Long> locks,
        long uncommittedRows,
        long waiting,
        long longestWaitMillis,
        long waits,
        long waitMillis,
        long timeouts,
        long deadlocks,
        long refused,
        long statements,
        long statementNanos) {}
