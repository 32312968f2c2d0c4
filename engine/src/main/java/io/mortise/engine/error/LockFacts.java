package io.mortise.engine.error;

import java.io.Serializable;
import java.util.List;

/**
 * A wait for a lock that ended without it. Immutable.
 *
 * @param target {@code PUBLIC.ACCOUNTS(ID=42)}
 * @param queue those that stood ahead, in order
 * @param blockers those it waited for: holders first, each with the statement that took the lock and the one that it
 *     ran last
 */
public record LockFacts(
        Participant waiter,
        String target,
        long waitedMillis,
        long timeoutMillis,
        List<Participant> queue,
        List<Participant> blockers)
        implements Serializable {}
