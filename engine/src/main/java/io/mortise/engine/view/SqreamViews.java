package io.mortise.engine.view;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.UserName;
import io.mortise.engine.view.SessionViews.Row;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** SQream's functions that show what goes on. Immutable. */
final class SqreamViews {
    private static final String INSTANCE = "mortise";

    private final Sources sources;
    private final Moments moments;

    SqreamViews(Sources sources, Moments moments) {
        this.sources = sources;
        this.moments = moments;
    }

    /** A lock that is held. */
    record Held(LockRow lock, String object, Moment moment) {
        private StatementRecord statement() {
            return lock.statement();
        }

        private UserName user() {
            return moment.user(lock.owner());
        }

        private int isActive() {
            return moment.session(lock.owner().session())
                            .filter(session -> new Row(session, moment).isBusy())
                            .filter(session ->
                                    session.statement().id() == statement().id())
                            .isPresent()
                    ? 1
                    : 0;
        }
    }

    /** SHOW_LOCKS(): the locks that are held. Who waits for them is in SYS.LOCK_WAITS. */
    VirtualTable<Held> showLocks() {
        return new VirtualTable<Held>("SYS", "SHOW_LOCKS", "Locks that are held, as SQream shows them", this::heldLocks)
                .column("STATEMENT_ID", "BIGINT", "statement that took the lock", held -> Cells.id(held.statement()))
                .columnFor("STATEMENT_STRING", "VARCHAR", "its text", SqreamViews::statementString)
                .column("USERNAME", "VARCHAR", "who ran it", held -> held.user().text())
                .column("SERVER", "VARCHAR", "name of this host", held -> server().host())
                .column("PORT", "INTEGER", "port it is served on; 0 if it is not", held -> server().port())
                .column("LOCKED_OBJECT", "VARCHAR", "what is locked", Held::object)
                .column("LOCKMODE", "VARCHAR", "Inclusive or Exclusive", held -> names().mode(held.lock))
                .column(
                        "STATEMENT_START_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when the statement began",
                        SqreamViews::statementStart)
                .column(
                        "LOCK_START_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when the lock was granted",
                        held -> held.moment.time(held.lock.grantedNanos()))
                .column("IS_STATEMENT_ACTIVE", "INTEGER", "1 while the statement runs", Held::isActive)
                .column("IS_SNAPSHOT_ACTIVE", "INTEGER", "1 while its transaction is open", held -> 1);
    }

    /** SHOW_CONNECTIONS(): who is connected. */
    VirtualTable<Row> showConnections() {
        return new VirtualTable<Row>("SYS", "SHOW_CONNECTIONS", "Connections, as SQream shows them", this::sessions)
                .column("IP", "VARCHAR", "name of this host", row -> server().host())
                .column(
                        "CONN_ID",
                        "INTEGER",
                        "number of the session",
                        row -> row.session().id())
                .column("CONN_START_TIME", "TIMESTAMP WITH TIME ZONE", "when it began", Row::loginTime)
                .column("STMT_ID", "BIGINT", "statement that runs; -1 if none does", SqreamViews::statementId)
                .column("STMT_START_TIME", "TIMESTAMP WITH TIME ZONE", "when that began", SqreamViews::started)
                .columnFor("STMT", "VARCHAR", "its text", SqreamViews::runningSql);
    }

    /** SHOW_SERVER_STATUS(): the statements that run. */
    VirtualTable<Row> showServerStatus() {
        return new VirtualTable<Row>(
                        "SYS",
                        "SHOW_SERVER_STATUS",
                        "Statements that run, as SQream shows them",
                        reader -> sessions(reader).filter(row -> row.running().isPresent()))
                .column("SERVICE", "VARCHAR", "service", row -> INSTANCE)
                .column("INSTANCE", "VARCHAR", "instance; empty while it waits", SqreamViews::instance)
                .column(
                        "CONNECTION_ID",
                        "INTEGER",
                        "number of the session",
                        row -> row.session().id())
                .column("SERVERIP", "VARCHAR", "name of this host", row -> server().host())
                .column("SERVERPORT", "INTEGER", "port it is served on; 0 if it is not", row -> server().port())
                .column("DATABASE_NAME", "VARCHAR", "database", row -> server().database())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "who runs it",
                        row -> row.session().user().text())
                .column(
                        "CLIENTIP",
                        "VARCHAR",
                        "what the client calls itself",
                        row -> Cells.text(row.session().clientInfo()))
                .column("STATEMENTID", "BIGINT", "number of the statement", SqreamViews::statementId)
                .columnFor("STATEMENT", "VARCHAR", "its text", SqreamViews::runningSql)
                .column("STATEMENTSTARTTIME", "TIMESTAMP WITH TIME ZONE", "when it began", SqreamViews::started)
                .column(
                        "STATEMENTSTATUS",
                        "VARCHAR",
                        "In queue while it waits for a lock, else Executing",
                        SqreamViews::status)
                .column("STATEMENTSTATUSSTART", "TIMESTAMP WITH TIME ZONE", "since when", SqreamViews::statusStart);
    }

    private Stream<Row> sessions(Reader reader) {
        Moment moment = moments.of(reader);
        return moment.sessions().stream().map(session -> new Row(session, moment));
    }

    private Sources.Server server() {
        return sources.server().get();
    }

    private SqreamNames names() {
        return new SqreamNames(server().database(), server().policy(), sources.names());
    }

    private Stream<Held> heldLocks(Reader reader) {
        Moment moment = moments.of(reader);
        return moment.locks().stream()
                .filter(LockRow::granted)
                .flatMap(lock -> names().object(lock).map(object -> new Held(lock, object, moment)).stream())
                .sorted(Comparator.comparingLong((Held held) -> held.statement().startNanos())
                        .thenComparingLong(held -> held.statement().id())
                        .thenComparing(Held::object));
    }

    private static Optional<Object> statementString(Held held, Reader reader) {
        return reader.maySee(held.user()) ? Cells.text(held.statement().sql()) : Optional.empty();
    }

    private static Optional<Object> statementStart(Held held) {
        return held.statement().id() == 0
                ? Optional.empty()
                : Optional.of(held.moment.time(held.statement().startNanos()));
    }

    private static long statementId(Row row) {
        return row.running().map(StatementRecord::id).orElse(-1L);
    }

    private static Optional<Object> started(Row row) {
        return row.running().map(statement -> row.moment().time(statement.startNanos()));
    }

    private static Optional<Object> runningSql(Row row, Reader reader) {
        return reader.maySee(row.session().user())
                ? row.running().flatMap(statement -> Cells.text(statement.sql()))
                : Optional.empty();
    }

    private static Optional<Object> instance(Row row) {
        return isWaiting(row) ? Optional.empty() : Optional.of(INSTANCE);
    }

    private static String status(Row row) {
        return isWaiting(row) ? "In queue" : "Executing";
    }

    private static Optional<Object> statusStart(Row row) {
        return row.moment()
                .pending(row.session().id())
                .<Object>map(lock -> row.moment().time(lock.requestedNanos()))
                .or(() -> started(row));
    }

    private static boolean isWaiting(Row row) {
        return row.state() == SessionRow.State.LOCK_WAIT;
    }
}
