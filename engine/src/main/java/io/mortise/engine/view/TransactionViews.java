package io.mortise.engine.view;

import io.mortise.engine.journal.ErrorEntry;
import io.mortise.engine.journal.StatementEntry;
import io.mortise.engine.journal.TransactionEntry;
import io.mortise.engine.journal.TransactionEntry.State;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The tables that show what has happened: transactions, statements, errors. Immutable. */
final class TransactionViews {
    /** Also where statements are listed that run. */
    static final String BATCH_ROWS = "of a prepared batch: how many of its rows have been executed without an error";

    private static final String SQL_LENGTH = "characters of the whole statement; of a long one the beginning is kept";

    private static final String LOCK_MANAGER = "Lock Manager: ";
    private static final String ON_NAME = " on name '";

    private final Sources sources;
    private final Moments moments;

    TransactionViews(Sources sources, Moments moments) {
        this.sources = sources;
        this.moments = moments;
    }

    /** The beginning or the end of a transaction. */
    record Event(OwnerId owner, String event, long nanos) {}

    /** A statement, and whether it still runs. */
    record Command(StatementEntry entry, boolean running) {
        private String status() {
            return running ? "RUNNING" : entry.failed() ? "FAILED" : "DONE";
        }

        private Optional<Object> batchRows() {
            return entry.isBatch() ? Optional.of(entry.batchRows()) : Optional.empty();
        }

        private Optional<Object> rows() {
            return running || entry.rows() < 0 ? Optional.empty() : Optional.of(entry.rows());
        }
    }

    /** IPE_TRANSACTION: two rows for a transaction that has ended, one for one that is open. */
    VirtualTable<Event> ipeTransaction() {
        return new VirtualTable<Event>(
                        "SYS",
                        "IPE_TRANSACTION",
                        "Beginnings and ends of transactions that took a lock: one that is open has a START only",
                        reader -> sources.journal().transactions().stream().flatMap(TransactionViews::events))
                .column("SESSION", "INTEGER", "session of the transaction", event -> event.owner.session())
                .column("TNO", "BIGINT", "number of the transaction", event -> event.owner.transaction())
                .column("EVENT", "VARCHAR", "START, COMMIT or ROLLBACK", Event::event)
                .column("EVENT_TIME", "TIMESTAMP WITH TIME ZONE", "when", event -> time(event.nanos));
    }

    /** SYS.TRANSACTIONS */
    VirtualTable<TransactionEntry> transactions() {
        return new VirtualTable<TransactionEntry>(
                        "SYS",
                        "TRANSACTIONS",
                        "Transactions that took a lock, those that are open and the last that have ended",
                        reader -> sources.journal().transactions().stream())
                .column(
                        "SESSION",
                        "INTEGER",
                        "session of the transaction",
                        entry -> entry.owner().session())
                .column(
                        "TNO",
                        "BIGINT",
                        "number of the transaction",
                        entry -> entry.owner().transaction())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "user of the session",
                        entry -> entry.user().text())
                .column(
                        "STATUS",
                        "VARCHAR",
                        "OPEN, COMMITTED or ROLLED BACK",
                        entry -> entry.state().name().replace('_', ' '))
                .column(
                        "START_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when it took its first lock",
                        entry -> time(entry.startNanos()))
                .column("END_TIME", "TIMESTAMP WITH TIME ZONE", "when it ended", this::endTime)
                .column("DURATION_MS", "BIGINT", "how long it lasted, or has lasted", this::duration);
    }

    /** IPE_COMMAND: the statements that run, and the last that have ended. */
    VirtualTable<Command> ipeCommand() {
        return columns(new VirtualTable<>(
                "SYS", "IPE_COMMAND", "Statements that run, and the last that have ended", this::commands));
    }

    /** SYS.STATEMENTS: the same and more. */
    VirtualTable<Command> statements() {
        return columns(new VirtualTable<>(
                        "SYS", "STATEMENTS", "Statements that run, and the last that have ended", this::commands))
                .column("STATEMENT_ID", "BIGINT", "number of the statement", row -> row.entry.id())
                .column(
                        "QUERY_ID",
                        "VARCHAR",
                        "the client's name for it, or one made of the number",
                        row -> row.entry.queryId())
                .column("SQL_LENGTH", "INTEGER", SQL_LENGTH, row -> row.entry.sqlLength())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "who ran it",
                        row -> row.entry.user().text())
                .column("THREAD_NAME", "VARCHAR", "on which thread", row -> row.entry.thread())
                .column("DURATION_MS", "BIGINT", "how long it took, or has taken", TransactionViews::duration)
                .column("ERROR_CODE", "INTEGER", "vendor code of its error", TransactionViews::errorCode);
    }

    /** IPE_ERRORLOG */
    VirtualTable<ErrorEntry> errorLog() {
        return errorColumns(
                new VirtualTable<>("SYS", "IPE_ERRORLOG", "The last errors that clients got", this::errorRows));
    }

    /** SYS.ERRORS: the same and more. */
    VirtualTable<ErrorEntry> errors() {
        return errorColumns(new VirtualTable<>("SYS", "ERRORS", "The last errors that clients got", this::errorRows))
                .column("SQLSTATE", "VARCHAR", "SQLSTATE", ErrorEntry::sqlState)
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "the user who got it",
                        entry -> entry.user().text())
                .columnFor("SQL_TEXT", "VARCHAR", "the statement that failed", TransactionViews::errorSql)
                .column("SQL_LENGTH", "INTEGER", SQL_LENGTH, ErrorEntry::sqlLength);
    }

    private VirtualTable<ErrorEntry> errorColumns(VirtualTable<ErrorEntry> table) {
        return table.column("ID", "BIGINT", "number of the error", ErrorEntry::id)
                .column("EVENT_TIME", "TIMESTAMP WITH TIME ZONE", "when", entry -> time(entry.atNanos()))
                .column("SESSION", "INTEGER", "session", entry -> entry.owner().session())
                .column(
                        "TNO",
                        "BIGINT",
                        "transaction, if it had taken a lock",
                        entry -> Cells.nonZero(entry.owner().transaction()))
                .column("CODE", "INTEGER", "vendor code", ErrorEntry::code)
                .columnFor("TEXT", "VARCHAR", "the message, as in the exception", TransactionViews::errorText);
    }

    private VirtualTable<Command> columns(VirtualTable<Command> table) {
        return table.column("SESSION", "INTEGER", "session", row -> row.entry.session())
                .column(
                        "TNO",
                        "BIGINT",
                        "transaction, if it had taken a lock",
                        row -> Cells.nonZero(row.entry.transaction()))
                .column("SEQ", "BIGINT", "number among the statements of its session", row -> row.entry.sequence())
                .columnFor("SQL_TEXT", "VARCHAR", "the statement, without values", TransactionViews::sql)
                .column("START_TIME", "TIMESTAMP WITH TIME ZONE", "when it began", row -> time(row.entry.startNanos()))
                .column("END_TIME", "TIMESTAMP WITH TIME ZONE", "when it ended", this::endTime)
                .column("STATUS", "VARCHAR", "RUNNING, DONE or FAILED", Command::status)
                .column("ROWS_AFFECTED", "BIGINT", "rows it changed, where that is known", Command::rows)
                .column("BATCH_ROWS", "BIGINT", BATCH_ROWS, Command::batchRows);
    }

    private static Stream<Event> events(TransactionEntry entry) {
        Event start = new Event(entry.owner(), "START", entry.startNanos());
        return switch (entry.state()) {
            case OPEN -> Stream.of(start);
            case COMMITTED -> Stream.of(start, new Event(entry.owner(), "COMMIT", entry.endNanos()));
            case ROLLED_BACK -> Stream.of(start, new Event(entry.owner(), "ROLLBACK", entry.endNanos()));
        };
    }

    private Stream<Command> commands(Reader reader) {
        Moment moment = moments.of(reader);
        Map<Integer, Long> sequences = new HashMap<>();
        Map<Long, Command> commands = new java.util.LinkedHashMap<>();
        for (StatementEntry entry : sources.journal().statements()) {
            sequences.merge(entry.session(), entry.sequence(), Math::max);
            commands.put(entry.id(), new Command(entry, false));
        }
        // A statement that has ended since the moment was taken is among those above: each is shown once.
        moment.sessions().stream()
                .map(session -> new SessionViews.Row(session, moment))
                .filter(row -> row.isBusy() && row.session().statement().id() != 0)
                .forEach(row -> commands.computeIfAbsent(
                        row.session().statement().id(),
                        unused -> new Command(
                                running(
                                        row,
                                        1 + sequences.getOrDefault(row.session().id(), 0L)),
                                true)));
        return commands.values().stream();
    }

    private StatementEntry running(SessionViews.Row row, long sequence) {
        StatementRecord statement = row.session().statement();
        return new StatementEntry(
                statement.id(),
                row.session().id(),
                row.session().user(),
                row.session().transaction(),
                sequence,
                statement.name(),
                statement.sql(),
                statement.threadName(),
                statement.startNanos(),
                row.moment().nanos(),
                -1,
                0,
                statement.sqlLength(),
                sources.journal().batchRows(statement).orElse(StatementEntry.NO_BATCH));
    }

    private Stream<ErrorEntry> errorRows(Reader reader) {
        return sources.journal().errors().stream();
    }

    /**
     * What a lock error says in its first line is for everybody; the rest of it, and other errors, may show what was
     * run, and keys of rows.
     */
    private static Optional<Object> errorText(ErrorEntry entry, Reader reader) {
        if (reader.maySeeAllKeys() || reader.user().equals(entry.user())) {
            return Optional.of(entry.text());
        }
        return entry.text().startsWith(LOCK_MANAGER)
                ? Optional.of(withoutName(entry.text().lines().findFirst().orElse("")))
                : Optional.empty();
    }

    /**
     * That line has numbers instead of names, but for an advisory lock; from its name on the line is the application's.
     */
    private static String withoutName(String line) {
        int name = line.indexOf(ON_NAME);
        return name < 0 ? line : line.substring(0, name) + " on name (hidden)";
    }

    private static Optional<Object> errorSql(ErrorEntry entry, Reader reader) {
        return reader.maySee(entry.user()) ? Cells.text(entry.sql()) : Optional.empty();
    }

    private static Optional<Object> sql(Command row, Reader reader) {
        return reader.maySee(row.entry.user()) ? Optional.of(row.entry.sql()) : Optional.empty();
    }

    private static Optional<Object> errorCode(Command row) {
        return row.entry.failed() ? Optional.of(row.entry.errorCode()) : Optional.empty();
    }

    private static long duration(Command row) {
        return TimeUnit.NANOSECONDS.toMillis(row.entry.endNanos() - row.entry.startNanos());
    }

    private Optional<Object> endTime(Command row) {
        return row.running ? Optional.empty() : Optional.of(time(row.entry.endNanos()));
    }

    private Optional<Object> endTime(TransactionEntry entry) {
        return entry.state() == State.OPEN ? Optional.empty() : Optional.of(time(entry.endNanos()));
    }

    private long duration(TransactionEntry entry) {
        long end = entry.state() == State.OPEN ? sources.clock().getAsLong() : entry.endNanos();
        return TimeUnit.NANOSECONDS.toMillis(end - entry.startNanos());
    }

    private OffsetDateTime time(long nanos) {
        return Moment.time(sources.clock(), nanos);
    }
}
