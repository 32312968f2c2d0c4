package io.mortise.spring.metrics;

import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.meter.Reading;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.core.env.Environment;

/**
 * What a health check tells: the oldest transaction and the longest wait of each database. Says too whether one passes
 * the limit that {@code mortise.health.longest-wait} or {@code mortise.health.oldest-transaction} sets, in
 * milliseconds; 0, the default, is none. Immutable.
 */
record Limits(long longestWaitMillis, long oldestTransactionMillis) {
    static Limits of(Environment environment) {
        return new Limits(
                environment.getProperty("mortise.health.longest-wait", Long.class, 0L),
                environment.getProperty("mortise.health.oldest-transaction", Long.class, 0L));
    }

    /** By database. */
    Map<String, Object> details() {
        Map<String, Object> details = new LinkedHashMap<>();
        for (DatabaseMeters meters : Meters.open()) {
            Reading now = meters.read();
            details.put(
                    meters.database(),
                    Map.of(
                            "oldestTransactionMillis", now.oldestTransactionMillis(),
                            "longestWaitMillis", now.longestWaitMillis(),
                            "waiting", now.waiting()));
        }
        return details;
    }

    boolean areKept() {
        return Meters.open().stream()
                .map(DatabaseMeters::read)
                .allMatch(now -> isWithin(now.longestWaitMillis(), longestWaitMillis)
                        && isWithin(now.oldestTransactionMillis(), oldestTransactionMillis));
    }

    private static boolean isWithin(long millis, long limit) {
        return limit == 0 || millis <= limit;
    }
}
