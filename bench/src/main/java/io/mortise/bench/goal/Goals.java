package io.mortise.bench.goal;

import io.mortise.bench.goal.Goal.Bound;
import io.mortise.bench.goal.Goal.Comparison;
import io.mortise.bench.goal.Goal.Relation;
import io.mortise.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** The numbers that this driver is to reach, and which of them a run has held. Immutable. */
public final class Goals {
    /** What part of plain H2's throughput is to be reached, at least. */
    private static final Map<String, Double> TO_H2 = Map.ofEntries(
            Map.entry("point-select", 1.25),
            Map.entry("point-select-2", 1.2),
            Map.entry("update", 1.05),
            Map.entry("update-2", 1.05),
            Map.entry("transaction", 1.03),
            Map.entry("transaction-2", 1.03),
            Map.entry("bulk-insert", 1.35),
            Map.entry("bulk-update", 1.0),
            Map.entry("child-inserts", 1.0),
            Map.entry("child-inserts-8", 1.0),
            Map.entry("connect", 1 / 1.5),
            Map.entry("connect-delay", 1 / 1.5),
            Map.entry("connect-settings", 1 / 1.5),
            Map.entry("tpcc", 1.0),
            Map.entry("point-select-serializable", 0.95),
            Map.entry("transaction-serializable", 0.95),
            Map.entry("tpcc-serializable", 0.95),
            Map.entry("smallbank-serializable", 0.95),
            Map.entry("ycsb-serializable", 0.95));

    private static final String MILLIS = "ms";

    private Goals() {}

    /** @param tables those of a run by the name of their part, an empty one if it has not run */
    public static Table verdicts(Function<String, Table> tables) {
        Table verdicts = new Table(List.of("number", "goal", "measured", "rounds", "verdict"));
        for (Goal goal : all()) {
            List<String> row = goal.verdict(tables::apply);
            verdicts.merge(row, row.size());
        }
        return verdicts;
    }

    private static List<Goal> all() {
        List<Goal> all = new ArrayList<>();
        new TreeMap<>(TO_H2).forEach((workload, least) -> all.add(throughput(workload, workload, least)));
        all.addAll(locks());
        all.addAll(contention());
        all.addAll(endings());
        all.addAll(inFiles());
        all.addAll(onServer());
        all.add(new Goal(
                "read-mostly at SERIALIZABLE, 8 threads, throughput to readers that lock",
                new Cell("locks", Map.of("workload", "read-mostly-serializable", "engine", "MORTISE"), Cell.TO_LOCKS),
                Optional.empty(),
                Bound.AT_LEAST,
                3,
                ""));
        all.add(new Goal(
                "update-2, watched once a second with 1,000 sessions, throughput to unwatched",
                new Cell("watched", Map.of("workload", "update-2"), "watched to unwatched"),
                Optional.empty(),
                Bound.AT_LEAST,
                0.99,
                ""));
        all.add(new Goal(
                "writer's longest stall while IPE_ALLLOCKS is read, 1,000,000 row locks, to that without",
                stall("longest update while reading IPE_ALLLOCKS"),
                Optional.of(
                        new Comparison(Relation.DIVIDED_BY, stall("longest update while reading numbers for as long"))),
                Bound.AT_MOST,
                1,
                ""));
        return all;
    }

    private static Cell stall(String what) {
        return new Cell("scale", Map.of("what", what, "with", "row locks", "number", "1000000"), "median ms");
    }

    private static List<Goal> locks() {
        Cell one = part("LockBenchmark.intentLock");
        return List.of(
                atMost("acquire and release of an uncontended table lock, one thread", one, 20, "ns"),
                atMost("the same on two threads", part("LockBenchmark.intentLockByTwo"), 25, "ns"),
                atMost(
                        "deadlock check with 10,000 pending requests",
                        part("LockBenchmark.deadlockSearchOfTenThousand"),
                        1_000,
                        "us"),
                atMost(
                        "bytes of an updated, uncommitted row beyond H2's own (0; what a row weighs is known to 0.5)",
                        new Cell("memory", Map.of("one", "updated row, uncommitted"), "more"),
                        0.5,
                        "bytes"));
    }

    private static List<Goal> contention() {
        return List.of(
                throughput("hot row, 16 threads", "hot-row", 1),
                new Goal(
                        "hot row: slowest thread to fastest",
                        new Cell("side-by-side", Map.of("workload", "hot-row", "engine", "MORTISE"), "fairness"),
                        Optional.empty(),
                        Bound.AT_LEAST,
                        0.85,
                        ""),
                throughput("transfers between 10 rows, 8 threads", "transfers", 1.05),
                new Goal(
                        "transfers: slowest thread to fastest",
                        new Cell("side-by-side", Map.of("workload", "transfers", "engine", "MORTISE"), "fairness"),
                        Optional.empty(),
                        Bound.AT_LEAST,
                        0.8,
                        ""));
    }

    private static List<Goal> endings() {
        List<Goal> all = new ArrayList<>();
        all.add(new Goal(
                "deadlock: closing request to the victim's error, median, beyond plain H2's",
                ending("deadlock", "p50 ms"),
                Optional.of(new Comparison(
                        Relation.BEYOND,
                        new Cell("wait-endings", Map.of("ending", "deadlock", "engine", "H2"), "p50 ms"))),
                Bound.AT_MOST,
                0.25,
                MILLIS));
        for (String ending :
                List.of("cancel", "kill", "abort session", "Connection.abort", "Connection.close", "query timeout")) {
            all.add(atMost(ending + " of a waiter, 99 %", ending(ending, "p99 ms"), 20, MILLIS));
        }
        return all;
    }

    private static List<Goal> inFiles() {
        return List.of(
                inFile("update", 1.05),
                inFile("transaction", 1.03),
                inFile("bulk-insert", 1.35),
                new Goal(
                        "update in a file, WRITE_DELAY=0, throughput to plain H2's",
                        new Cell(
                                "no-delay",
                                Map.of("workload", "update", "engine", "MORTISE_NO_DELAY"),
                                Cell.TO_H2_NO_DELAY),
                        Optional.empty(),
                        Bound.AT_LEAST,
                        1.05,
                        ""));
    }

    private static Goal inFile(String workload, double least) {
        return new Goal(
                workload + " in a file, throughput to plain H2's",
                new Cell("files", Map.of("workload", workload, "engine", "MORTISE_FILE"), Cell.TO_H2_FILE),
                Optional.empty(),
                Bound.AT_LEAST,
                least,
                "");
    }

    private static List<Goal> onServer() {
        return Stream.of("point-select", "update", "transaction")
                .map(workload -> new Goal(
                        workload + " on PostgreSQL, throughput to pgjdbc's",
                        new Cell("server", Map.of("workload", workload, "engine", "MORTISE_PG"), Cell.TO_PGJDBC),
                        Optional.empty(),
                        Bound.AT_LEAST,
                        0.97,
                        ""))
                .toList();
    }

    private static Goal throughput(String what, String workload, double least) {
        Cell cell = new Cell("side-by-side", Map.of("workload", workload, "engine", "MORTISE"), Cell.TO_H2);
        return new Goal(what + ", throughput to plain H2's", cell, Optional.empty(), Bound.AT_LEAST, least, "");
    }

    private static Goal atMost(String what, Cell cell, double limit, String unit) {
        return new Goal(what, cell, Optional.empty(), Bound.AT_MOST, limit, unit);
    }

    private static Cell part(String name) {
        return new Cell("parts", Map.of("part", name), "time");
    }

    private static Cell ending(String name, String column) {
        return new Cell("wait-endings", Map.of("ending", name, "engine", "MORTISE"), column);
    }
}
