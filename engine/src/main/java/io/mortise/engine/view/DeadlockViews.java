package io.mortise.engine.view;

import io.mortise.engine.journal.PastDeadlock;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.journal.report.DeadlockGraph;
import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tables that show the deadlocks of the past. Immutable. */
final class DeadlockViews {
    private final Sources sources;

    DeadlockViews(Sources sources) {
        this.sources = sources;
    }

    /** One member of a deadlock of the past. */
    record Row(PastDeadlock past, int order) {
        private Member member() {
            return past.report().members().get(order);
        }

        private Member next() {
            return past.report()
                    .members()
                    .get((order + 1) % past.report().members().size());
        }

        private Member previous() {
            int size = past.report().members().size();
            return past.report().members().get((order + size - 1) % size);
        }

        private String waitsFor(Reader reader) {
            LockTarget target = member().waitsFor().target();
            TargetKind kind = TargetKind.of(target);
            String how = kind.how(member().waitsFor().mode());
            return (how + " " + name(target, next(), reader)).strip();
        }

        /** What the one before waits for is what this one holds. */
        private String holds(Reader reader) {
            return name(previous().waitsFor().target(), previous(), reader);
        }

        /** @param other who holds it too, or waits for it too */
        private String name(LockTarget target, Member other, Reader reader) {
            return past.sight(reader).place(target, user(), other.party().user());
        }

        private UserName user() {
            return member().party().user();
        }

        private boolean isVictim() {
            return member().party().owner().equals(past.report().victim());
        }

        private DeadlockGraph graph(Reader reader) {
            return new DeadlockGraph(past.report(), past.sight(reader));
        }

        /** The script shows what every member ran. */
        private Optional<Object> script(Reader reader) {
            boolean all = past.report().members().stream()
                    .allMatch(member -> reader.maySee(member.party().user()));
            return all ? Optional.of(past.script(past.sight(reader))) : Optional.empty();
        }
    }

    /** Deadlocks of one kind. */
    record Shape(List<String> members, List<PastDeadlock> deadlocks) {
        private PastDeadlock last() {
            return deadlocks.get(deadlocks.size() - 1);
        }

        private long rowsLost() {
            return deadlocks.stream()
                    .mapToLong(past -> past.report().victimParty().rowsChanged())
                    .sum();
        }

        private long millisLost() {
            return deadlocks.stream()
                    .mapToLong(past -> past.report().atNanos()
                            - past.report().victimParty().startNanos())
                    .map(TimeUnit.NANOSECONDS::toMillis)
                    .sum();
        }
    }

    /** SYS.DEADLOCKS: a member of a deadlock of the past a row. */
    VirtualTable<Row> deadlocks() {
        return reportColumns(memberColumns(new VirtualTable<>(
                "SYS",
                "DEADLOCKS",
                "The last deadlocks, a row for each session of the cycle",
                reader -> sources.journal().deadlocks().stream().flatMap(DeadlockViews::rows))));
    }

    private VirtualTable<Row> memberColumns(VirtualTable<Row> table) {
        return table.column(
                        "DEADLOCK_ID",
                        "BIGINT",
                        "number of the deadlock",
                        row -> row.past.report().id())
                .column("EVENT_TIME", "TIMESTAMP WITH TIME ZONE", "when the cycle closed", row -> time(row.past))
                .column("CYCLE_ORDER", "INTEGER", "each waits for the next; 1 closed the cycle", row -> row.order + 1)
                .column("SESSION", "INTEGER", "the session", row -> session(row.member()))
                .column("TNO", "BIGINT", "its transaction", DeadlockViews::transaction)
                .column("USER_NAME", "VARCHAR", "its user", row -> row.user().text())
                .columnFor("WAITS_FOR", "VARCHAR", "the lock it waited for", Row::waitsFor)
                .column("WAITS_FOR_SESSION", "INTEGER", "the session it waited for", row -> session(row.next()))
                .column(
                        "EDGE_KIND",
                        "VARCHAR",
                        "why: HOLDS, QUEUED_AHEAD, STATEMENT_SLOT or SAFE_SNAPSHOT",
                        row -> row.member().edge().name())
                .columnFor("HOLDS", "VARCHAR", "what it had that another waited for", Row::holds)
                .columnFor("SQL_TEXT", "VARCHAR", "what it ran", DeadlockViews::sql)
                .column(
                        "THREAD_NAME",
                        "VARCHAR",
                        "on which thread",
                        row -> Cells.thread(row.member().party().statement()))
                .columnFor("CALL_SITE", "VARCHAR", "where that thread was", DeadlockViews::callSite)
                .column(
                        "ROWS_CHANGED",
                        "BIGINT",
                        "rows its transaction had changed",
                        row -> row.member().party().rowsChanged());
    }

    private static VirtualTable<Row> reportColumns(VirtualTable<Row> table) {
        return table.column("VICTIM", "BOOLEAN", "was it rolled back?", Row::isVictim)
                .columnFor(
                        "GRAPH_DOT",
                        "VARCHAR",
                        "the cycle, for Graphviz",
                        (row, reader) -> row.graph(reader).dot())
                .columnFor(
                        "GRAPH_JSON",
                        "VARCHAR",
                        "the cycle as JSON",
                        (row, reader) -> row.graph(reader).json())
                .columnFor("SCRIPT", "VARCHAR", "the steps that led to it, to make a test of", Row::script);
    }

    /** SYS.DEADLOCK_SHAPES: deadlocks of the past that are alike. */
    VirtualTable<Shape> shapes() {
        return new VirtualTable<Shape>(
                        "SYS",
                        "DEADLOCK_SHAPES",
                        "The last deadlocks by tables, modes and statements, the most frequent first",
                        this::shapeRows)
                .column(
                        "SHAPE",
                        "VARCHAR",
                        "a line for each session: the lock it waited for, and its statement",
                        shape -> String.join("\n", shape.members))
                .column("DEADLOCKS", "BIGINT", "how many there were", shape -> (long) shape.deadlocks.size())
                .column("ROWS_LOST", "BIGINT", "changed rows that were rolled back", Shape::rowsLost)
                .column("TIME_LOST_MS", "BIGINT", "age of the transactions that were rolled back", Shape::millisLost)
                .column("LAST_TIME", "TIMESTAMP WITH TIME ZONE", "when it last happened", shape -> time(shape.last()))
                .column(
                        "LAST_DEADLOCK_ID",
                        "BIGINT",
                        "the last of them in SYS.DEADLOCKS",
                        shape -> shape.last().report().id());
    }

    private static Stream<Row> rows(PastDeadlock past) {
        return IntStream.range(0, past.report().members().size()).mapToObj(order -> new Row(past, order));
    }

    /** A shape shows statements without their values, yet those of all members: to readers who may see them all. */
    private Stream<Shape> shapeRows(Reader reader) {
        Map<List<String>, List<PastDeadlock>> byShape = new LinkedHashMap<>();
        for (PastDeadlock past : sources.journal().deadlocks()) {
            if (past.report().members().stream()
                    .allMatch(member -> reader.maySee(member.party().user()))) {
                byShape.computeIfAbsent(past.shape(), unused -> new ArrayList<>())
                        .add(past);
            }
        }
        return byShape.entrySet().stream()
                .map(entry -> new Shape(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingInt((Shape shape) -> shape.deadlocks.size())
                        .reversed());
    }

    private static int session(Member member) {
        return member.party().owner().session();
    }

    private static long transaction(Row row) {
        return row.member().party().owner().transaction();
    }

    private static Optional<Object> sql(Row row, Reader reader) {
        return reader.maySee(row.user())
                ? Cells.text(row.member().party().statement().sql())
                : Optional.empty();
    }

    private static Optional<String> callSite(Row row, Reader reader) {
        return reader.maySee(row.user()) ? CallSite.of(row.member().party().stack()) : Optional.empty();
    }

    private OffsetDateTime time(PastDeadlock past) {
        return Moment.time(sources.clock(), past.report().atNanos());
    }
}
