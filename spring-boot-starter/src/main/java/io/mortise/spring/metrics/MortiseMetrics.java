package io.mortise.spring.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.EndedWait;
import io.mortise.engine.meter.MeterListener;
import io.mortise.engine.meter.Meters;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Measures every database that is open in this process, and those that will be, from the moment in which it is bound to
 * a registry until it is closed. Thread-safe.
 *
 * <p>A database that closes and opens again goes on in the same meters, with counters that begin at 0.
 */
public final class MortiseMetrics implements MeterBinder, MeterListener, AutoCloseable {
    /** A test suite opens thousands, and each would have forty meters for good. */
    private static final int MOST_DATABASES = 100;

    private static final int MOST_TABLES = 100;
    private static final String OTHER = "other";

    private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();
    private final Set<String> tables = ConcurrentHashMap.newKeySet();
    /** Registries refer to what they measure weakly. */
    private final Map<String, Figures> measured = new ConcurrentHashMap<>();

    @Override
    public void bindTo(MeterRegistry registry) {
        registries.add(registry);
        Meters.ignore(this);
        Meters.listen(this);
        Meters.open().forEach(meters -> register(registry, meters.database()));
    }

    @Override
    public void opened(DatabaseMeters meters) {
        registries.forEach(registry -> register(registry, meters.database()));
    }

    @Override
    public void waited(EndedWait wait) {
        for (MeterRegistry registry : registries) {
            Timer.builder(MortiseMeter.WAITS.meter())
                    .description(MortiseMeter.WAITS.meaning())
                    .tags(
                            "database",
                            isMeasured(wait.database()) ? wait.database() : OTHER,
                            "table",
                            bounded(wait.table()),
                            "outcome",
                            wait.outcome())
                    .publishPercentileHistogram()
                    .register(registry)
                    .record(wait.duration());
        }
    }

    private String bounded(String table) {
        String known = table.isEmpty() ? "none" : table;
        return tables.contains(known) || tables.size() < MOST_TABLES && tables.add(known) ? known : OTHER;
    }

    private boolean isMeasured(String database) {
        return measured.containsKey(database) || measured.size() < MOST_DATABASES;
    }

    private void register(MeterRegistry registry, String database) {
        if (!isMeasured(database)) {
            return;
        }
        Figures figures = measured.computeIfAbsent(database, Figures::new);
        Tags tags = Tags.of("database", database);
        Place place = new Place(registry, tags, figures);
        families(place);
        gauge(place, MortiseMeter.TRANSACTIONS, now -> now.openTransactions());
        gauge(place, MortiseMeter.UNCOMMITTED_ROWS, now -> now.uncommittedRows());
        gauge(place, MortiseMeter.WAITING, now -> now.waiting());
        age(place, MortiseMeter.OLDEST_TRANSACTION, now -> now.oldestTransactionMillis());
        age(place, MortiseMeter.LONGEST_WAIT, now -> now.longestWaitMillis());
        counter(place, MortiseMeter.DEADLOCKS, now -> now.deadlocks());
        counter(place, MortiseMeter.TIMEOUTS, now -> now.timeouts());
        counter(place, MortiseMeter.REFUSED, now -> now.refused());
        FunctionTimer.builder(
                        MortiseMeter.STATEMENTS.meter(),
                        figures,
                        now -> now.now().statements(),
                        now -> now.now().statementNanos(),
                        TimeUnit.NANOSECONDS)
                .description(MortiseMeter.STATEMENTS.meaning())
                .tags(tags)
                .register(registry);
    }

    /** One gauge a state, and one a kind. */
    private static void families(Place place) {
        for (String state : place.figures().now().sessions().keySet()) {
            Gauge.builder(
                            MortiseMeter.SESSIONS.meter(),
                            place.figures(),
                            now -> now.now().sessions().getOrDefault(state, 0L))
                    .description(MortiseMeter.SESSIONS.meaning())
                    .tags(place.tags().and("state", state))
                    .register(place.registry());
        }
        for (String kind : place.figures().now().locks().keySet()) {
            Gauge.builder(
                            MortiseMeter.LOCKS.meter(),
                            place.figures(),
                            now -> now.now().locks().getOrDefault(kind, 0L))
                    .description(MortiseMeter.LOCKS.meaning())
                    .tags(place.tags().and("kind", kind))
                    .register(place.registry());
        }
    }

    /** Where the figures of one database go. */
    private record Place(MeterRegistry registry, Tags tags, Figures figures) {}

    private static void gauge(Place place, MortiseMeter meter, Figures.Figure figure) {
        Gauge.builder(meter.meter(), place.figures(), now -> figure.of(now.now()))
                .description(meter.meaning())
                .tags(place.tags())
                .register(place.registry());
    }

    private static void age(Place place, MortiseMeter meter, Figures.Figure millis) {
        TimeGauge.builder(meter.meter(), place.figures(), TimeUnit.MILLISECONDS, now -> millis.of(now.now()))
                .description(meter.meaning())
                .tags(place.tags())
                .register(place.registry());
    }

    private static void counter(Place place, MortiseMeter meter, Figures.Figure figure) {
        FunctionCounter.builder(meter.meter(), place.figures(), now -> figure.of(now.now()))
                .description(meter.meaning())
                .tags(place.tags())
                .register(place.registry());
    }

    /** Measures nothing from now on; what is registered stays until the registry closes. */
    @Override
    public void close() {
        Meters.ignore(this);
        registries.clear();
    }
}
