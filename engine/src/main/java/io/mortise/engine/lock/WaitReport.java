package io.mortise.engine.lock;

import java.util.List;

/**
 * A wait that ended without its lock, with all that was known when it did. Immutable.
 *
 * @param request the request, with its blockers
 * @param queue the requests that stood ahead of it, in order
 * @param blockers what is known of each blocker, in the order of {@code request.blockers()}
 */
public record WaitReport(
        LockRow request,
        Party waiter,
        long waitedNanos,
        long timeoutMillis,
        List<LockRow> queue,
        List<Party> blockers) {}
