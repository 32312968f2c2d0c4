package io.mortise.engine.view;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import io.mortise.engine.view.SessionViews.Row;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Optional;
import java.util.stream.Stream;

/** ClickHouse's tables of what runs, and in which session, which ClickHouse's own do not say. Immutable. */
final class ClickHouseViews {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Sources sources;
    private final Moments moments;

    ClickHouseViews(Sources sources, Moments moments) {
        this.sources = sources;
        this.moments = moments;
    }

    /** A statement that runs. */
    record Process(StatementRecord statement, Row row) {
        private UserName user() {
            return row.session().user();
        }

        private double elapsed() {
            return Math.max(0, row.moment().nanos() - statement.startNanos()) / NANOS_PER_SECOND;
        }
    }

    /** SYSTEM.PROCESSES: the statements that run, this one too. */
    VirtualTable<Process> processes() {
        return new VirtualTable<Process>("SYSTEM", "PROCESSES", "Statements that run, this one too", this::running)
                .column("QUERY_ID", "VARCHAR", "id for KILL QUERY", process -> process.statement.queryId())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "who runs it",
                        process -> process.user().text())
                .column("ELAPSED", "DOUBLE PRECISION", "seconds since it began", Process::elapsed)
                .columnFor("QUERY", "VARCHAR", "its text", ClickHouseViews::query)
                .column(
                        "SESSION_ID",
                        "INTEGER",
                        "number of its session",
                        process -> process.row.session().id())
                .column(
                        "SESSION_NAME",
                        "VARCHAR",
                        "name of a shared session",
                        process -> Cells.text(process.row.session().name()))
                .column(
                        "IS_CANCELLED",
                        "INTEGER",
                        "1 if it has been told to end",
                        process -> process.row.session().cancelled() ? 1 : 0)
                .column(
                        "READ_ROWS",
                        "BIGINT",
                        "NULL: storage counts the rows of a statement only under EXPLAIN ANALYZE",
                        process -> Optional.empty())
                .column(
                        "MEMORY_USAGE",
                        "BIGINT",
                        "NULL: Java counts what a thread has allocated, not what a statement holds",
                        process -> Optional.empty())
                .column("THREAD_NAME", "VARCHAR", "on which thread", process -> process.statement.threadName())
                .column(
                        "STATE",
                        "VARCHAR",
                        "RUNNING, LOCK WAIT or STREAMING",
                        process -> process.row.state().text())
                .column("STATEMENT_ID", "BIGINT", "number for STOP_STATEMENT", process -> process.statement.id())
                .column(
                        "SESSION",
                        "INTEGER",
                        "the same as SESSION_ID, by the name that it has in SYS",
                        process -> process.row.session().id())
                .column(
                        "BATCH_ROWS",
                        "BIGINT",
                        TransactionViews.BATCH_ROWS,
                        process -> sources.journal().batchRows(process.statement));
    }

    /** SYSTEM.SESSIONS: the named sessions. */
    VirtualTable<Row> sessions() {
        return new VirtualTable<Row>(
                        "SYSTEM",
                        "SESSIONS",
                        "Named sessions: who shares them, and what holds them",
                        reader ->
                                rows(reader).filter(row -> !row.session().name().isEmpty()))
                .column(
                        "SESSION_NAME",
                        "VARCHAR",
                        "name of the session",
                        row -> row.session().name())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "whose it is",
                        row -> row.session().user().text())
                .column("SESSION", "INTEGER", "its number", row -> row.session().id())
                .column(
                        "CONNECTIONS",
                        "INTEGER",
                        "how many connections use it",
                        row -> row.session().connections())
                .column("HOLDER_QUERY_ID", "VARCHAR", "the statement that is in flight on it", ClickHouseViews::holder)
                .column(
                        "CLOSES_AT",
                        "TIMESTAMP WITH TIME ZONE",
                        "when it goes, if no connection comes",
                        this::closesAt);
    }

    private Stream<Row> rows(Reader reader) {
        Moment moment = moments.of(reader);
        return moment.sessions().stream().map(session -> new Row(session, moment));
    }

    private Stream<Process> running(Reader reader) {
        return rows(reader).flatMap(row -> row.running().map(statement -> new Process(statement, row)).stream());
    }

    private static Optional<Object> query(Process process, Reader reader) {
        return reader.maySee(process.user()) ? Cells.text(process.statement.sql()) : Optional.empty();
    }

    private Optional<Object> closesAt(Row row) {
        return sources.closesAt().apply(row.session()).map(Cells::time);
    }

    private static Optional<Object> holder(Row row) {
        return row.running().map(StatementRecord::queryId);
    }
}
