package io.mortise.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * How long updates of one session take while another reads; medians of a few reads. Immutable.
 *
 * @param longestNanos the longest update of a read
 * @param mostNanos 99.9 % of a read's updates took less
 */
record Stalls(long longestNanos, long mostNanos) {
    private static final int READS = 11;

    /** Beside what is asked about, and beside what it is compared with. Immutable. */
    record Pair(Stalls read, Stalls control) {}

    /**
     * Reads and writes at once. The two reads take turns, so that whatever the machine does to one it does to the
     * other.
     *
     * @param control is done again and again for as long as {@code read} has just taken
     */
    static Pair during(Connection writer, Scale.Call read, Scale.Call control) throws Exception {
        List<Histogram> reads = new ArrayList<>();
        List<Histogram> controls = new ArrayList<>();
        for (int i = 0; i < READS; i++) {
            System.gc(); // Or its pauses are what is measured.
            long begin = System.nanoTime();
            reads.add(updatesDuring(writer, read));
            long took = System.nanoTime() - begin;
            System.gc();
            long again = System.nanoTime();
            controls.add(updatesDuring(writer, () -> {
                do {
                    control.run();
                } while (System.nanoTime() - again < took);
            }));
        }
        return new Pair(of(reads), of(controls));
    }

    private static Stalls of(List<Histogram> updates) {
        return new Stalls(
                median(updates.stream().map(Histogram::getMaxValue).toList()),
                median(updates.stream()
                        .map(each -> each.getValueAtPercentile(99.9))
                        .toList()));
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static Histogram updatesDuring(Connection connection, Scale.Call read) throws Exception {
        AtomicBoolean reading = new AtomicBoolean(true);
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<Histogram> updates = writer.submit(() -> timeUpdates(connection, reading));
            read.run();
            reading.set(false);
            return updates.get();
        } finally {
            reading.set(false);
            writer.shutdown();
        }
    }

    private static Histogram timeUpdates(Connection connection, AtomicBoolean reading) throws SQLException {
        Histogram times = new Histogram(3);
        try (PreparedStatement update = connection.prepareStatement("UPDATE U SET V = V + 1 WHERE ID = 1")) {
            do {
                long begin = System.nanoTime();
                update.executeUpdate();
                times.recordValue(System.nanoTime() - begin);
            } while (reading.get());
        }
        return times;
    }
}
