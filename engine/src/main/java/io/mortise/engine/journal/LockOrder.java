package io.mortise.engine.journal;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.text.StatementShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * In which order transactions have taken tables, by the shapes of their statements: two that go opposite ways can
 * deadlock, though their timing never met. Thread-safe.
 *
 * <p>The order of two transactions that both take a third table first, exclusively, is reported though they cannot
 * meet. Tables only: rows of one table that are taken in different orders are found when they deadlock.
 */
public final class LockOrder {
    /** Of a transaction that takes more tables, the first so many count. */
    static final int TABLES = 16;

    private static final int SHAPES = 4096;

    private final Map<Edge, LongAdder> edges = new ConcurrentHashMap<>();
    /** How many tables have gone: a kind of transaction that was known before has to look its counters up again. */
    private final AtomicInteger gone = new AtomicInteger();

    LockOrder() {}

    /** A table that a statement took, shared or exclusively. Immutable. */
    public record Step(LockTarget.Table table, boolean exclusive, String shape) implements Comparable<Step> {
        private static final Comparator<Step> ORDER = Comparator.comparing(Step::shape)
                .thenComparing(step -> step.table.schema())
                .thenComparing(step -> step.table.id())
                .thenComparing(Step::exclusive);

        @Override
        public int compareTo(Step other) {
            return ORDER.compare(this, other);
        }

        private boolean meets(Step other) {
            return table.equals(other.table) && (exclusive || other.exclusive);
        }
    }

    /**
     * One transaction took the first, and while it held it, the second. Immutable. In order, because the client chooses
     * the statements, and may choose them so that their hashes are equal.
     */
    public record Edge(Step first, Step second) implements Comparable<Edge> {
        private static final Comparator<Edge> ORDER =
                Comparator.comparing(Edge::first).thenComparing(Edge::second);

        @Override
        public int compareTo(Edge other) {
            return ORDER.compare(this, other);
        }

        /** Could a transaction of this edge and one of the other wait for each other? */
        boolean inverts(Edge other) {
            return first.meets(other.second) && second.meets(other.first);
        }

        private boolean names(LockTarget.Table table) {
            return first.table.equals(table) || second.table.equals(table);
        }
    }

    /**
     * An edge, how often it was seen, and one that goes the other way, the most frequent, if there is any. Immutable.
     */
    public record Seen(Edge edge, long count, Optional<Edge> inversion) {}

    Trail trail() {
        return new Trail();
    }

    /** What was seen, inversions first, then by frequency. */
    public List<Seen> seen() {
        List<Map.Entry<Edge, LongAdder>> byFrequency = edges.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Edge, LongAdder> entry) ->
                                entry.getValue().sum())
                        .reversed())
                .toList();
        return byFrequency.stream()
                .map(entry -> new Seen(
                        entry.getKey(),
                        entry.getValue().sum(),
                        byFrequency.stream()
                                .map(Map.Entry::getKey)
                                .filter(entry.getKey()::inverts)
                                .findFirst()))
                .sorted(Comparator.comparing(seen -> seen.inversion().isEmpty()))
                .toList();
    }

    /** The table is gone. Its number may become another one's, which would stand here with an order it never had. */
    void forget(LockTarget.Table table) {
        edges.keySet().removeIf(edge -> edge.names(table));
        gone.incrementAndGet();
    }

    private LongAdder counter(Edge edge) {
        LongAdder counter = edges.get(edge);
        if (counter == null && edges.size() < SHAPES) {
            counter = edges.computeIfAbsent(edge, unused -> new LongAdder());
        }
        return counter == null ? new LongAdder() : counter;
    }

    /**
     * The tables of one session's open transaction, in order. One thread at a time.
     *
     * <p>An application repeats few kinds of transactions, so a trail remembers the counters of the last ones it saw. A
     * known kind costs a comparison of references and one increment a pair. A transaction of one table costs nothing.
     */
    final class Trail {
        private static final int KINDS = 8;
        private static final LockTarget.Table[] NO_TABLES = {};
        private static final String[] NO_TEXTS = {};
        private static final @Nullable Kind[] NO_KINDS = {};

        // Made with the first table: a client may connect, and lock none.
        private LockTarget.Table[] tables = NO_TABLES;
        private String[] sql = NO_TEXTS;
        private @Nullable Kind[] kinds = NO_KINDS;
        private int length;
        private int exclusive; // bit i: table i was taken exclusively
        /** The kind that was counted last, while all that it was made of stands here yet. */
        private @Nullable Kind last;

        void took(LockTarget.Table table, LockMode mode, String statement) {
            int i = 0;
            while (i < length && !tables[i].equals(table)) {
                i++;
            }
            if (i == length && length < TABLES) {
                if (tables.length == 0) {
                    tables = new LockTarget.Table[TABLES];
                    sql = new String[TABLES];
                    kinds = new Kind[KINDS];
                }
                if (!isSame(i, table, statement)) {
                    last = null;
                    tables[i] = table;
                    sql[i] = statement;
                }
                length++;
            }
            exclusive |= !mode.isShared() && i < TABLES ? 1 << i : 0;
        }

        /** Did the transaction before this one leave the same here? The collector minds each write of a reference. */
        @SuppressWarnings({"ReferenceEquality", "StringEquality"}) // An equal one is written again: no harm.
        private boolean isSame(int i, LockTarget.Table table, String statement) {
            return tables[i] == table && sql[i] == statement;
        }

        void transactionEnded() {
            if (length > 1) {
                count();
            }
            length = 0;
            exclusive = 0;
        }

        private void count() {
            int now = gone.get(); // Read first: counters that are looked up while a table goes count once.
            Kind kind = last;
            if (kind == null || kind.tables.length != length || kind.exclusive != exclusive || kind.gone != now) {
                kind = kind(now);
                last = kind;
            }
            for (LongAdder counter : kind.counters) {
                counter.increment();
            }
        }

        private Kind kind(int now) {
            int hash = exclusive;
            for (int i = 0; i < length; i++) {
                hash = 31 * (31 * hash + tables[i].id()) + sql[i].hashCode();
            }
            int slot = (hash ^ hash >>> 16) & KINDS - 1;
            Kind kind = kinds[slot];
            if (kind == null || kind.gone != now || !kind.is(this)) {
                kind = new Kind(Arrays.copyOf(tables, length), Arrays.copyOf(sql, length), exclusive, now, counters());
                kinds[slot] = kind;
            }
            return kind;
        }

        private LongAdder[] counters() {
            List<Step> steps = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                steps.add(new Step(tables[i], (exclusive & 1 << i) != 0, StatementShape.of(sql[i])));
            }
            List<LongAdder> counters = new ArrayList<>();
            for (int i = 0; i < length; i++) {
                for (int j = i + 1; j < length; j++) {
                    counters.add(counter(new Edge(steps.get(i), steps.get(j))));
                }
            }
            return counters.toArray(LongAdder[]::new);
        }
    }

    /**
     * A kind of transaction: its tables and statements in order, how many tables had gone when it was made, and the
     * counters of its pairs.
     */
    private record Kind(LockTarget.Table[] tables, String[] sql, int exclusive, int gone, LongAdder[] counters) {
        private boolean is(Trail trail) {
            return exclusive == trail.exclusive
                    && Arrays.equals(tables, 0, tables.length, trail.tables, 0, trail.length)
                    && Arrays.equals(sql, 0, sql.length, trail.sql, 0, trail.length);
        }
    }
}
