package io.mortise.engine.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.LockTarget;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where contention is: waits, timeouts, deadlocks and serialization failures by table since the engine opened.
 * Thread-safe; writers do not meet.
 */
public final class LockStats {
    /** Rows that are counted a table; when there are more, the hottest are found all the same (see {@link HotRows}). */
    private static final int ROWS = 64;

    private final Map<LockTarget.Table, Counters> tables = new ConcurrentHashMap<>();

    LockStats() {}

    /**
     * The figures of one table as of one instant. Immutable.
     *
     * @param failures transactions that could not be serialized, in whose conflicts it took part
     */
    public record TableStats(
            LockTarget.Table table,
            long waits,
            long waitNanos,
            long longestNanos,
            long timeouts,
            long deadlocks,
            long failures,
            long passedOver,
            Optional<LockTarget> hottestRow) {}

    /** The table that waited longest in all first. */
    public List<TableStats> copy() {
        return tables.entrySet().stream()
                .map(entry -> entry.getValue().copy(entry.getKey()))
                .sorted(Comparator.comparingLong(TableStats::waitNanos).reversed())
                .toList();
    }

    void waited(LockTarget target, long nanos, int passedOver) {
        target.inTable().ifPresent(table -> {
            Counters counters = counters(table);
            counters.waits.increment();
            counters.waitNanos.add(nanos);
            counters.longestNanos.accumulate(nanos);
            counters.passedOver.add(passedOver);
            if (!target.equals(table)) {
                counters.rows.count(target);
            }
        });
    }

    void timedOut(LockTarget target) {
        target.inTable().ifPresent(table -> counters(table).timeouts.increment());
    }

    void deadlocked(LockTarget.Table table) {
        counters(table).deadlocks.increment();
    }

    void failed(LockTarget.Table table) {
        counters(table).failures.increment();
    }

    /** The table is gone: its number may become another one's, whose readers must not see its keys. */
    void forgetRows(LockTarget.Table table) {
        Counters counters = tables.get(table);
        if (counters != null) {
            counters.rows.clear();
        }
    }

    private Counters counters(LockTarget.Table table) {
        Counters known = tables.get(table);
        return known != null ? known : tables.computeIfAbsent(table, unused -> new Counters());
    }

    private static final class Counters {
        private final LongAdder waits = new LongAdder();
        private final LongAdder waitNanos = new LongAdder();
        private final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);
        private final LongAdder timeouts = new LongAdder();
        private final LongAdder deadlocks = new LongAdder();
        private final LongAdder failures = new LongAdder();
        private final LongAdder passedOver = new LongAdder();
        private final HotRows rows = new HotRows();

        private TableStats copy(LockTarget.Table table) {
            return new TableStats(
                    table,
                    waits.sum(),
                    waitNanos.sum(),
                    longestNanos.get(),
                    timeouts.sum(),
                    deadlocks.sum(),
                    failures.sum(),
                    passedOver.sum(),
                    rows.hottest());
        }
    }

    /**
     * The rows waited for most often, in bounded memory ("space saving"). A row that is not counted yet takes the place
     * of the coldest and inherits its count. So a row that really is hot cannot stay out. Thread-safe; a row that is
     * counted already is counted without the mutex.
     */
    private static final class HotRows {
        private final Map<LockTarget, LongAdder> counts = new ConcurrentHashMap<>();

        @GuardedBy("this")
        private int rows;

        void count(LockTarget row) {
            LongAdder known = counts.get(row);
            if (known == null) {
                known = enter(row);
            }
            known.increment();
        }

        Optional<LockTarget> hottest() {
            return counts.entrySet().stream()
                    .max(Comparator.comparingLong(entry -> entry.getValue().sum()))
                    .map(Map.Entry::getKey);
        }

        synchronized void clear() {
            counts.clear();
            rows = 0;
        }

        private synchronized LongAdder enter(LockTarget row) {
            LongAdder counter = counts.get(row);
            if (counter != null) {
                return counter;
            }
            counter = new LongAdder();
            if (rows < ROWS) {
                rows++;
            } else {
                counter.add(removeColdest());
            }
            counts.put(row, counter);
            return counter;
        }

        @GuardedBy("this")
        private long removeColdest() {
            Map.Entry<LockTarget, LongAdder> coldest = counts.entrySet().stream()
                    .min(Comparator.comparingLong(entry -> entry.getValue().sum()))
                    .orElseThrow(() -> new AssertionError("nothing is counted"));
            counts.remove(coldest.getKey());
            return coldest.getValue().sum();
        }
    }
}
