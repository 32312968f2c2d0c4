package io.mortise.spring.metrics;

import com.zaxxer.hikari.metrics.IMetricsTracker;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.PoolStats;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.Meters;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Logs who is busy in the database when a HikariCP pool has had no connection to lend in time, and goes on measuring as
 * it would have been. At most once in ten seconds a pool. Thread-safe.
 *
 * <p>The starter puts it into every pool. Without Boot: {@code config.setMetricsTrackerFactory(new
 * PoolTimeouts(next))}, where next is the factory you have, or {@code (name, stats) -> new IMetricsTracker() {}}.
 */
public final class PoolTimeouts implements MetricsTrackerFactory {
    private static final System.Logger LOG = System.getLogger("mortise.session");
    private static final long APART_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final MetricsTrackerFactory next;

    /** @param next what measures the pool otherwise */
    public PoolTimeouts(MetricsTrackerFactory next) {
        this.next = next;
    }

    @Override
    public IMetricsTracker create(String pool, PoolStats stats) {
        return new Tracker(pool, stats, next.create(pool, stats));
    }

    private record Tracker(String pool, PoolStats stats, IMetricsTracker next, AtomicLong told)
            implements IMetricsTracker {
        private Tracker(String pool, PoolStats stats, IMetricsTracker next) {
            this(pool, stats, next, new AtomicLong(System.nanoTime() - APART_NANOS));
        }

        @Override
        public void recordConnectionTimeout() {
            next.recordConnectionTimeout();
            long now = System.nanoTime();
            long before = told.get();
            if (now - before >= APART_NANOS && told.compareAndSet(before, now)) {
                LOG.log(Level.WARNING, text());
            }
        }

        private String text() {
            return pool + " had no connection to lend in time: " + stats.getActiveConnections() + " of "
                    + stats.getMaxConnections() + " are lent, " + stats.getPendingThreads() + " threads wait. Busy now:"
                    + Meters.open().stream().map(Tracker::busy).collect(Collectors.joining())
                    + "\n  the others are lent and idle outside of a transaction: BORROW_SITE=true in the URL shows in"
                    + " SYS.SESSIONS where each was taken";
        }

        private static String busy(DatabaseMeters meters) {
            return meters.whoIsBusy().stream()
                    .map(line -> "\n  " + meters.database() + " " + line)
                    .collect(Collectors.joining());
        }

        @Override
        public void recordConnectionCreatedMillis(long millis) {
            next.recordConnectionCreatedMillis(millis);
        }

        @Override
        public void recordConnectionAcquiredNanos(long nanos) {
            next.recordConnectionAcquiredNanos(nanos);
        }

        @Override
        public void recordConnectionUsageMillis(long millis) {
            next.recordConnectionUsageMillis(millis);
        }

        @Override
        public void close() {
            next.close();
        }
    }
}
