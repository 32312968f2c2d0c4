package io.mortise.spring.metrics;

import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.meter.Reading;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The figures of the database that has this name now, read once for all meters that are asked together. Thread-safe.
 *
 * <p>By name, so that nothing keeps a database that has closed, and the one that is opened next is found.
 */
final class Figures {
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Reading NONE = new Reading(Map.of(), 0, 0, Map.of(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private final String database;
    private volatile Read last;

    /** One of the figures. */
    interface Figure {
        long of(Reading reading);
    }

    private record Read(long atNanos, Reading reading) {}

    Figures(String database) {
        this.database = database;
        this.last = new Read(System.nanoTime(), fresh());
    }

    Reading now() {
        Read read = last;
        long now = System.nanoTime();
        if (now - read.atNanos > FRESH_NANOS) {
            read = new Read(now, fresh());
            last = read;
        }
        return read.reading;
    }

    private Reading fresh() {
        return Meters.of(database).map(DatabaseMeters::read).orElse(NONE);
    }
}
