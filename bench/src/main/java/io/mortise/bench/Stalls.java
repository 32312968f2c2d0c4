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
 * @param readNanos one read
 */
record Stalls(long longestNanos, long mostNanos, long readNanos) {
    private static final int READS = 5;

    /**
     * Reads and writes at once, a few times over.
     *
     * @param leastNanos a read that is shorter is done again and again for so long
     */
    static Stalls during(Connection writer, Scale.Call read, long leastNanos) throws Exception {
        List<Long> longest = new ArrayList<>();
        List<Long> most = new ArrayList<>();
        List<Long> reads = new ArrayList<>();
        for (int i = 0; i < READS; i++) {
            System.gc(); // Or its pauses are what is measured.
            long begin = System.nanoTime();
            Histogram updates = updatesDuring(writer, () -> {
                do {
                    read.run();
                } while (System.nanoTime() - begin < leastNanos);
            });
            reads.add(System.nanoTime() - begin);
            longest.add(updates.getMaxValue());
            most.add(updates.getValueAtPercentile(99.9));
        }
        return new Stalls(median(longest), median(most), median(reads));
    }

    private static long median(List<Long> values) {
        values.sort(null);
        return values.get(values.size() / 2);
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
