package io.mortise.engine.view;

import io.mortise.engine.journal.LockOrder;
import io.mortise.engine.journal.LockStats.TableStats;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The tables that show where contention is, and where a deadlock may come from. Immutable. */
final class ContentionViews {
    private final Sources sources;

    ContentionViews(Sources sources) {
        this.sources = sources;
    }

    /** SYS.LOCK_STATS */
    VirtualTable<TableStats> lockStats() {
        return new VirtualTable<TableStats>(
                        "SYS",
                        "LOCK_STATS",
                        "Lock waits of each table since the database was opened, the longest first",
                        reader -> sources.journal().lockStats().copy().stream())
                .column(
                        "SCHEMA_NAME",
                        "VARCHAR",
                        "schema",
                        stats -> Cells.text(name(stats.table()).schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table",
                        stats -> Cells.text(name(stats.table()).table()))
                .column("WAITS", "BIGINT", "requests that had to wait", TableStats::waits)
                .column("WAIT_MS", "BIGINT", "how long in all", stats -> millis(stats.waitNanos()))
                .column("LONGEST_WAIT_MS", "BIGINT", "how long at most", stats -> millis(stats.longestNanos()))
                .column("TIMEOUTS", "BIGINT", "requests that were given up", TableStats::timeouts)
                .column("DEADLOCKS", "BIGINT", "deadlocks it took part in", TableStats::deadlocks)
                .column("PASSED_OVER", "BIGINT", "how often a waiter was passed over", TableStats::passedOver)
                .columnFor("HOTTEST_ROW", "VARCHAR", "the row waited for most often", this::hottestRow)
                .column(
                        "SERIALIZATION_FAILURES",
                        "BIGINT",
                        "transactions that gave way because of what was read and written there",
                        TableStats::failures);
    }

    private Optional<String> hottestRow(TableStats stats, Reader reader) {
        Sight sight = Sight.of(reader, sources.names());
        return stats.hottestRow().filter(sight::ofKey).map(row -> name(row).key());
    }

    /** SYS.LOCK_ORDER: in which order transactions take tables. */
    VirtualTable<LockOrder.Seen> lockOrder() {
        return inversionColumns(orderColumns(new VirtualTable<>(
                "SYS",
                "LOCK_ORDER",
                "Pairs of tables in the order in which transactions take them; INVERTED ones can deadlock",
                reader -> sources.journal().lockOrder().seen().stream())));
    }

    private VirtualTable<LockOrder.Seen> orderColumns(VirtualTable<LockOrder.Seen> table) {
        return table.column(
                        "FIRST_TABLE",
                        "VARCHAR",
                        "the table taken first",
                        seen -> name(seen.edge().first().table()).text())
                .column(
                        "THEN_TABLE",
                        "VARCHAR",
                        "the table taken while the first was held",
                        seen -> name(seen.edge().second().table()).text())
                .column(
                        "FIRST_LOCK",
                        "VARCHAR",
                        "EX or SH",
                        seen -> type(seen.edge().first()))
                .column(
                        "THEN_LOCK",
                        "VARCHAR",
                        "EX or SH",
                        seen -> type(seen.edge().second()))
                .columnFor(
                        "FIRST_SQL",
                        "VARCHAR",
                        "shape of the statement that took the first",
                        (seen, reader) -> shape(seen.edge().first(), reader))
                .columnFor(
                        "THEN_SQL",
                        "VARCHAR",
                        "shape of the statement that took the other",
                        (seen, reader) -> shape(seen.edge().second(), reader));
    }

    private static VirtualTable<LockOrder.Seen> inversionColumns(VirtualTable<LockOrder.Seen> table) {
        return table.column("TRANSACTIONS", "BIGINT", "how many transactions did", LockOrder.Seen::count)
                .column(
                        "INVERTED",
                        "BOOLEAN",
                        "did others go the other way?",
                        seen -> seen.inversion().isPresent())
                .columnFor(
                        "INVERSE_FIRST_SQL",
                        "VARCHAR",
                        "what took the other table first",
                        (seen, reader) -> seen.inversion().flatMap(edge -> shape(edge.first(), reader)))
                .columnFor(
                        "INVERSE_THEN_SQL",
                        "VARCHAR",
                        "what took this one then",
                        (seen, reader) -> seen.inversion().flatMap(edge -> shape(edge.second(), reader)));
    }

    /** Whose statements they were is not remembered, so only administrators see them. */
    private static Optional<Object> shape(LockOrder.Step step, Reader reader) {
        return reader.isAdmin() ? Optional.of(step.shape()) : Optional.empty();
    }

    private static String type(LockOrder.Step step) {
        return step.exclusive() ? "EX" : "SH";
    }

    private TargetNames.Name name(LockTarget target) {
        return sources.names().of(target);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
