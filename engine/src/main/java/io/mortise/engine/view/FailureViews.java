package io.mortise.engine.view;

import io.mortise.engine.journal.failure.FailureGraph;
import io.mortise.engine.journal.failure.FailureScript;
import io.mortise.engine.journal.failure.FailureText;
import io.mortise.engine.journal.failure.SerialFailure;
import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.StatementShape;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The table that shows the transactions of the past that could not be serialized. Immutable. */
final class FailureViews {
    private final Sources sources;

    private FailureViews(Sources sources) {
        this.sources = sources;
    }

    /**
     * One conflict of a failure.
     *
     * @param order from 1
     * @param edge empty if what has collided is not kept one by one any more
     */
    record Row(SerialFailure failure, int order, Optional<Edge> edge) {
        private Optional<String> place(Function<Edge, Access> side, Reader reader) {
            return edge.map(found -> SerialFailure.place(found, side.apply(found), failure.sight(reader)));
        }

        private Optional<StatementRecord> by(Function<Edge, Access> side) {
            return edge.map(side).map(Access::by).filter(by -> by != StatementRecord.NONE);
        }

        private Optional<Object> sql(Function<Edge, Access> side, Reader reader) {
            return by(side).filter(by -> reader.maySee(by.user()))
                    .map(StatementRecord::sql)
                    .flatMap(Cells::text);
        }

        /**
         * Do all statements that stand there, or that led to it, belong to users whose statements the reader may see?
         */
        private boolean isVisible(Reader reader) {
            return failure.steps().stream().allMatch(step -> reader.maySee(step.user()))
                    && failure.found().accesses().allMatch(access -> reader.maySee(access.user()));
        }

        private Optional<Object> script(Reader reader) {
            return isVisible(reader) ? Optional.of(FailureScript.of(failure)) : Optional.empty();
        }

        private Optional<Object> shape(Reader reader) {
            return isVisible(reader) ? Optional.of(FailureViews.shape(failure)) : Optional.empty();
        }

        private FailureText text(Reader reader) {
            return new FailureText(failure, failure.sight(reader));
        }

        private FailureGraph graph(Reader reader) {
            return new FailureGraph(failure, failure.sight(reader));
        }
    }

    /** SYS.SERIALIZATION_FAILURES: a conflict of a failure a row. */
    static VirtualTable<Row> of(Sources sources) {
        FailureViews views = new FailureViews(sources);
        VirtualTable<Row> table = views.eventColumns();
        sideColumns(table, "READER", "READ", Edge::read);
        sideColumns(table, "WRITER", "WROTE", Edge::wrote);
        return reportColumns(table);
    }

    private VirtualTable<Row> eventColumns() {
        return new VirtualTable<Row>(
                        "SYS",
                        "SERIALIZATION_FAILURES",
                        "The last transactions that could not be serialized, a row for each of their conflicts",
                        reader -> sources.journal().failures().stream().flatMap(FailureViews::rows))
                .column("FAILURE_ID", "BIGINT", "number of the failure", row -> row.failure.id())
                .column(
                        "EVENT_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when the transaction was told",
                        row -> Moment.time(sources.clock(), row.failure.found().atNanos()))
                .column(
                        "KIND",
                        "VARCHAR",
                        "READ_WRITE, ROW_CHANGED, TABLE_CHANGED or BRANCH_IN_DOUBT",
                        row -> row.failure.found().kind().name())
                .column(
                        "SESSION",
                        "INTEGER",
                        "the session that gave way",
                        row -> row.failure.found().victim().session())
                .column(
                        "TNO",
                        "BIGINT",
                        "its transaction",
                        row -> row.failure.found().victim().transaction())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "its user",
                        row -> row.failure.found().user().text())
                .column(
                        "CONFLICT_ORDER",
                        "INTEGER",
                        "1 runs to the transaction between, 2 from it",
                        row -> row.edge.isPresent() ? Optional.of(row.order) : Optional.empty());
    }

    private static void sideColumns(VirtualTable<Row> table, String who, String did, Function<Edge, Access> side) {
        table.column(
                        who + "_SESSION",
                        "INTEGER",
                        "the session that " + did.toLowerCase(java.util.Locale.ROOT),
                        row -> row.edge
                                .map(side)
                                .map(access -> access.owner().session())
                                .filter(session -> session != 0))
                .column(
                        who + "_TNO",
                        "BIGINT",
                        "its transaction",
                        row -> row.edge
                                .map(side)
                                .map(access -> access.owner().transaction())
                                .filter(number -> number != 0))
                .column(
                        who + "_USER",
                        "VARCHAR",
                        "its user",
                        row -> row.by(side).map(by -> by.user().text()))
                .columnFor(did + "_PLACE", "VARCHAR", "where", (row, reader) -> row.place(side, reader))
                .columnFor(did + "_SQL", "VARCHAR", "by which statement", (row, reader) -> row.sql(side, reader))
                .column(
                        did + "_THREAD",
                        "VARCHAR",
                        "on which thread",
                        row -> row.by(side).map(by -> by.threadName()));
    }

    private static VirtualTable<Row> reportColumns(VirtualTable<Row> table) {
        return table.column(
                        "WHY",
                        "VARCHAR",
                        "why this one gave way",
                        row -> row.failure.found().why())
                .columnFor(
                        "HINT",
                        "VARCHAR",
                        "what to do",
                        (row, reader) -> row.text(reader).hint())
                .columnFor("SHAPE", "VARCHAR", "the same for failures that are alike", Row::shape)
                .columnFor(
                        "GRAPH_DOT",
                        "VARCHAR",
                        "the conflicts, for Graphviz",
                        (row, reader) -> row.graph(reader).dot())
                .columnFor(
                        "GRAPH_JSON",
                        "VARCHAR",
                        "the conflicts as JSON",
                        (row, reader) -> row.graph(reader).json())
                .columnFor("SCRIPT", "VARCHAR", "the steps that led to it, to make a test of", Row::script);
    }

    private static Stream<Row> rows(SerialFailure failure) {
        List<Edge> edges = failure.found().edges();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < edges.size(); i++) {
            rows.add(new Row(failure, i + 1, Optional.of(edges.get(i))));
        }
        return edges.isEmpty() ? Stream.of(new Row(failure, 0, Optional.empty())) : rows.stream();
    }

    /** Tables and statements without their values, a line for each conflict, in whichever order these were made. */
    private static String shape(SerialFailure failure) {
        return failure.found().edges().stream()
                .map(edge -> table(failure, edge) + ": " + statement(edge.read()) + " / " + statement(edge.wrote()))
                .sorted()
                .collect(Collectors.joining("\n", failure.found().kind() + "\n", ""));
    }

    private static String table(SerialFailure failure, Edge edge) {
        TargetNames.Name name = failure.names().of(edge.table());
        return name.text();
    }

    private static String statement(Access access) {
        return StatementShape.of(access.by().sql());
    }
}
