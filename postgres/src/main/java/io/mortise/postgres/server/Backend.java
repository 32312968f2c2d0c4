package io.mortise.postgres.server;

import io.mortise.engine.text.UserName;
import java.time.Instant;

/**
 * A row of pg_stat_activity: a client of the server, ours or another's. Immutable.
 *
 * @param state the server's word, {@code idle in transaction}; empty where the asking user may not see it
 * @param stateSeconds since when it is in that state
 * @param transactionSeconds since when its transaction is open; negative if none is
 * @param querySeconds when its statement began
 */
public record Backend(
        int pid,
        UserName user,
        String application,
        String address,
        Instant start,
        String state,
        boolean waitsForLock,
        double stateSeconds,
        double transactionSeconds,
        double querySeconds,
        String query) {
    public static final double NO_TRANSACTION = -1;

    public boolean isInTransaction() {
        return transactionSeconds >= 0;
    }
}
