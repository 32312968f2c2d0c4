package io.mortise.engine.view;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The tables that show who is connected and what they do. Immutable. */
final class SessionViews {
    private final Moments moments;
    private final Function<SessionRow, Optional<String>> borrowSite;
    private final VirtualTable.Update<SessionRow> abort;

    /** @param abort what setting the column ABORT of a session does */
    SessionViews(Sources sources, Moments moments, VirtualTable.Update<SessionRow> abort) {
        this.moments = moments;
        this.borrowSite = sources.borrowSite();
        this.abort = abort;
    }

    /** A session and the moment it was seen in. */
    record Row(SessionRow session, Moment moment) {
        State state() {
            return moment.state(session);
        }

        /** Does a statement run in it? */
        boolean isBusy() {
            return state().isInFlight();
        }

        Optional<StatementRecord> running() {
            return isBusy() ? Optional.of(session.statement()) : Optional.empty();
        }

        private Optional<Object> sinceTime() {
            return session.sinceNanos() == 0 ? Optional.empty() : Optional.of(moment.time(session.sinceNanos()));
        }

        Optional<Object> loginTime() {
            return session.loginTime().equals(Instant.EPOCH)
                    ? Optional.empty()
                    : Optional.of(Cells.time(session.loginTime()));
        }

        private long locksHeld() {
            return moment.standing().locksHeld(session.id());
        }

        private Optional<Object> blockedBy() {
            return moment.pending(session.id())
                    .map(LockRow::blockers)
                    .flatMap(blockers -> blockers.stream().findFirst())
                    .map(blocker -> blocker.owner().session());
        }

        private OwnerId owner() {
            return new OwnerId(session.id(), session.transaction());
        }

        private boolean isSeenBy(Reader reader) {
            return reader.maySee(session.user());
        }
    }

    /** IPE_CURSESSIONS: setting ABORT ends the statement (1) or the session (2). */
    VirtualTable<Row> curSessions() {
        return withAbort(state(identity(new VirtualTable<>(
                "SYS",
                "IPE_CURSESSIONS",
                "Sessions that are connected. UPDATE … SET ABORT = 1 ends what a session runs and rolls it back, 2 ends it",
                this::rows))));
    }

    /** SYS.SESSIONS: the same, and all else that is known. */
    VirtualTable<Row> sessions() {
        VirtualTable<Row> table = withAbort(
                state(identity(new VirtualTable<>("SYS", "SESSIONS", "Sessions that are connected", this::rows))));
        table.column("STATE_SINCE", "TIMESTAMP WITH TIME ZONE", "since when it does that", Row::sinceTime)
                .column(
                        "THREAD_NAME",
                        "VARCHAR",
                        "thread of its last statement",
                        row -> Cells.thread(row.session.statement()))
                .column("ISOLATION", "VARCHAR", "isolation level", row -> row.session.isolation())
                .column("LOCKS_HELD", "BIGINT", "locks it holds, without rows that only storage knows", Row::locksHeld)
                .column(
                        "ROWS_CHANGED",
                        "BIGINT",
                        "rows that its open transaction has changed",
                        row -> row.session.rowsChanged())
                .column("BLOCKED_BY", "INTEGER", "the first session in its way", Row::blockedBy)
                .column(
                        "BLOCKING_COUNT",
                        "INTEGER",
                        "how many sessions it is in the way of",
                        SessionViews::blockingCount)
                .columnFor("LAST_SQL", "VARCHAR", "what it ran last, or runs", SessionViews::lastSql)
                .columnFor(
                        "CALL_SITE", "VARCHAR", "where the thread of its last statement is now", SessionViews::callSite)
                .columnFor(
                        "BORROW_SITE",
                        "VARCHAR",
                        "where its connection was taken, if that is recorded",
                        this::borrowSite);
        return inDetail(table);
    }

    private static VirtualTable<Row> inDetail(VirtualTable<Row> table) {
        return table.columnFor(
                        "BLOCKED_ON",
                        "VARCHAR",
                        "the Java monitor that its thread is BLOCKED on, and who has it; or the call that is IN IO",
                        SessionViews::blockedOn)
                .columnFor(
                        "INNER_SQL",
                        "VARCHAR",
                        "what a trigger or a function runs inside CURRENT_SQL now",
                        SessionViews::innerSql);
    }

    private Stream<Row> rows(Reader reader) {
        Moment moment = moments.of(reader);
        return moment.sessions().stream().map(session -> new Row(session, moment));
    }

    private static VirtualTable<Row> identity(VirtualTable<Row> table) {
        return table.column("SESSION", "INTEGER", "number of the session", row -> row.session.id())
                .column("SESSION_NAME", "VARCHAR", "name of a shared session", row -> Cells.text(row.session.name()))
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "user",
                        row -> row.session.user().text())
                .column("LOGIN_TIME", "TIMESTAMP WITH TIME ZONE", "when it began", Row::loginTime)
                .column(
                        "CLIENT_INFO",
                        "VARCHAR",
                        "what the client calls itself",
                        row -> Cells.text(row.session.clientInfo()));
    }

    private static VirtualTable<Row> state(VirtualTable<Row> table) {
        return table.column("MODE", "VARCHAR", "AUTOCOMMIT or TRANSACTION", SessionViews::mode)
                .column(
                        "TNO",
                        "BIGINT",
                        "open transaction, if it has taken a lock",
                        row -> Cells.nonZero(row.session.transaction()))
                .column(
                        "STATE",
                        "VARCHAR",
                        "what it does: IDLE, IDLE IN TRANSACTION, RUNNING, LOCK WAIT, BLOCKED on a monitor, IN IO, …",
                        row -> row.moment.stateText(row.session))
                .columnFor("CURRENT_SQL", "VARCHAR", "what it runs", SessionViews::currentSql)
                .column(
                        "STATEMENT_ID",
                        "BIGINT",
                        "number of that statement",
                        row -> row.running().flatMap(Cells::id))
                .column(
                        "STATEMENT_START",
                        "TIMESTAMP WITH TIME ZONE",
                        "when that statement began",
                        SessionViews::started);
    }

    private VirtualTable<Row> withAbort(VirtualTable<Row> table) {
        return table.column("ABORT", "INTEGER", "set it to 1 to end the statement, to 2 to end the session", row -> 0)
                .updatable(abort.of(Row::session));
    }

    private static String mode(Row row) {
        return row.session.autoCommit() ? "AUTOCOMMIT" : "TRANSACTION";
    }

    private static int blockingCount(Row row) {
        return row.moment.standing().waitersFor(row.session.id());
    }

    private static Optional<Object> started(Row row) {
        return row.running()
                .filter(statement -> statement.id() != 0)
                .map(statement -> row.moment.time(statement.startNanos()));
    }

    private static Optional<Object> currentSql(Row row, Reader reader) {
        return row.isSeenBy(reader)
                ? row.running().flatMap(statement -> Cells.text(statement.sql()))
                : Optional.empty();
    }

    private static Optional<Object> innerSql(Row row, Reader reader) {
        return row.isSeenBy(reader)
                ? row.running()
                        .map(running -> row.session.innermost())
                        .filter(inner -> inner.outer().isPresent())
                        .flatMap(inner -> Cells.text(inner.sql()))
                : Optional.empty();
    }

    private static Optional<Object> lastSql(Row row, Reader reader) {
        return row.isSeenBy(reader)
                ? Cells.text(row.moment.statement(row.owner()).sql())
                : Optional.empty();
    }

    private static Optional<String> blockedOn(Row row, Reader reader) {
        return row.isSeenBy(reader) ? row.moment.blockedOn(row.session) : Optional.empty();
    }

    private Optional<String> borrowSite(Row row, Reader reader) {
        return row.isSeenBy(reader) ? borrowSite.apply(row.session) : Optional.empty();
    }

    private static Optional<String> callSite(Row row, Reader reader) {
        return row.isSeenBy(reader) ? row.moment.callSite(row.session.statement()) : Optional.empty();
    }
}
