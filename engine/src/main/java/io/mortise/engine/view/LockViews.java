package io.mortise.engine.view;

import static io.mortise.engine.view.Cells.id;
import static io.mortise.engine.view.Cells.nonZero;
import static io.mortise.engine.view.Cells.text;
import static io.mortise.engine.view.Cells.thread;

import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables that show who holds what and who waits for whom. Immutable. */
final class LockViews {
    private final Moments moments;

    LockViews(Moments moments) {
        this.moments = moments;
    }

    /** IPE_ALLLOCKS: every lock, granted or pending, as Kognitio has it. Reading it takes no locks. */
    VirtualTable<LockLine> allLocks() {
        return new VirtualTable<LockLine>(
                        "SYS",
                        "IPE_ALLLOCKS",
                        "Locks granted and pending, as Kognitio shows them: shared or exclusive, on a table, a row or the"
                                + " system",
                        reader -> kognitio(moments.of(reader)))
                .with(LockViews::owner)
                .with(LockViews::table)
                .with(LockViews::typeAndLevel)
                .with(LockViews::row)
                .with(LockViews::status)
                .with(table -> times(table, "REQUEST_TIME", "GRANT_TIME", "WAIT_MS"))
                .with(LockViews::blocker);
    }

    /** IPE_LOCKS_REPORT: the Console's report of locks, the pending and the oldest first. */
    VirtualTable<LockLine> locksReport() {
        return new VirtualTable<LockLine>(
                        "SYS",
                        "IPE_LOCKS_REPORT",
                        "The locks report: each lock with what its session runs",
                        reader -> kognitio(moments.of(reader)))
                .with(LockViews::session)
                .with(LockViews::user)
                .columnFor("LOCKED", "VARCHAR", "type, level and what is locked", LockLine::locked)
                .with(LockViews::status)
                .with(table -> waited(table, "WAIT_MS"))
                .with(LockViews::blockingSession)
                .columnFor("SQL_TEXT", "VARCHAR", "the statement that asked for it", LockLine::sql);
    }

    /**
     * SYS.LOCKS: every lock with all that is known of it.
     *
     * @param more what a server tells besides
     */
    VirtualTable<LockLine> locks(List<Views.LockColumn> more) {
        VirtualTable<LockLine> locks = new VirtualTable<LockLine>(
                        "SYS",
                        "LOCKS",
                        "Every lock, granted or pending, of every kind; and what serializable transactions have noted of"
                                + " their reads",
                        reader -> linesAndNotes(moments.of(reader)))
                .with(LockViews::owner)
                .column(
                        "TARGET_KIND",
                        "VARCHAR",
                        "what kind of thing is locked; RANGE: what lies between two keys, those in ROW_KEY",
                        LockLine::kindText)
                .with(LockViews::table)
                .column("FACET", "VARCHAR", "INSERT or UPDATE: half a table, in the sqream policy", LockViews::facet)
                .with(LockViews::row)
                .column(
                        "MODE",
                        "VARCHAR",
                        "IS, IX, S, SIX or X; SIREAD: a note of a read, which locks nothing",
                        LockLine::mode)
                .with(LockViews::typeAndLevel)
                .with(LockViews::status)
                .with(table -> times(table, "REQUESTED_AT", "ACQUIRED_AT", "WAITED_MS"))
                .with(LockViews::statement)
                .with(LockViews::blocker)
                .column(
                        "PASSED_OVER",
                        "INTEGER",
                        "how often others took it first",
                        line -> line.lock().passedOver());
        more.forEach(column -> locks.column(
                column.name(), "VARCHAR", column.about(), line -> column.value().apply(line.lock())));
        return locks;
    }

    private static VirtualTable<LockLine> session(VirtualTable<LockLine> table) {
        return table.column(
                "SESSION",
                "INTEGER",
                "session of the lock",
                line -> line.lock().owner().session());
    }

    private static VirtualTable<LockLine> user(VirtualTable<LockLine> table) {
        return table.column(
                "USER_NAME",
                "VARCHAR",
                "user of the session",
                line -> line.user().text());
    }

    private static VirtualTable<LockLine> owner(VirtualTable<LockLine> table) {
        return table.with(LockViews::session)
                .column("TNO", "BIGINT", "transaction of the lock", LockLine::transaction)
                .with(LockViews::user);
    }

    private static VirtualTable<LockLine> table(VirtualTable<LockLine> table) {
        return table.column("TABLE_ID", "INTEGER", "number of the table in messages", LockViews::tableId)
                .column(
                        "SCHEMA_NAME",
                        "VARCHAR",
                        "schema of what is locked",
                        line -> text(line.name().schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table that is locked, or the row's table",
                        line -> text(line.name().table()));
    }

    private static VirtualTable<LockLine> typeAndLevel(VirtualTable<LockLine> table) {
        return table.column("LOCK_TYPE", "VARCHAR", "Kognitio's type: SH or EX", LockViews::type)
                .column("LOCK_LEVEL", "VARCHAR", "Kognitio's level: TAB, ROW or SYS", LockViews::level);
    }

    private static VirtualTable<LockLine> row(VirtualTable<LockLine> table) {
        return table.columnFor(
                        "ROW_HASH", "INTEGER", "hash of the row's key; -2147483648 for no row", LockLine::rowHash)
                .columnFor(
                        "ROW_KEY",
                        "VARCHAR",
                        "primary key of the row, ID=42; the name of an advisory lock",
                        LockLine::key);
    }

    private static VirtualTable<LockLine> status(VirtualTable<LockLine> table) {
        return table.column(
                "STATUS", "VARCHAR", "GRANTED or PENDING", line -> line.lock().granted() ? "GRANTED" : "PENDING");
    }

    private static VirtualTable<LockLine> times(
            VirtualTable<LockLine> table, String asked, String granted, String waited) {
        return table.column(
                        asked,
                        "TIMESTAMP WITH TIME ZONE",
                        "when it was asked for; of a row that only storage knows, when the statement that took it began",
                        LockViews::requested)
                .column(granted, "TIMESTAMP WITH TIME ZONE", "when it was granted", LockLine::grantTime)
                .with(with -> waited(with, waited));
    }

    private static VirtualTable<LockLine> waited(VirtualTable<LockLine> table, String name) {
        return table.column(
                name,
                "BIGINT",
                "how long it waited, or has waited",
                line -> line.moment().waitedMillis(line.lock()));
    }

    private static VirtualTable<LockLine> statement(VirtualTable<LockLine> table) {
        return table.columnFor(
                        "ACQUIRED_BY",
                        "VARCHAR",
                        "the statement that took it or asks for it; null if the transaction has run too many since",
                        LockLine::sql)
                .column("STATEMENT_ID", "BIGINT", "number of that statement", line -> id(line.statement()))
                .column("THREAD_NAME", "VARCHAR", "thread that ran it", line -> thread(line.statement()))
                .columnFor("CALL_SITE", "VARCHAR", "where that thread is now", LockViews::callSite)
                .column(
                        "IS_IMPLICIT",
                        "BOOLEAN",
                        "is it an uncommitted row in storage?",
                        line -> line.lock().implicit());
    }

    private static VirtualTable<LockLine> blockingSession(VirtualTable<LockLine> table) {
        return table.column(
                "BLOCKING_SESSION",
                "INTEGER",
                "the first session in its way",
                line -> line.firstBlocker().map(blocker -> blocker.owner().session()));
    }

    private static VirtualTable<LockLine> blocker(VirtualTable<LockLine> table) {
        return table.with(LockViews::blockingSession)
                .column("BLOCKING_TNO", "BIGINT", "transaction of that session", LockViews::blockingTransaction);
    }

    private static Stream<LockLine> linesAndNotes(Moment moment) {
        Stream<LockRow> locks = moment.allLocks();
        return Stream.concat(
                        locks.map(lock -> new LockLine(lock, moment.name(lock.target()), moment)),
                        moment.notes().map(note -> LockLine.of(note, moment)))
                .onClose(locks::close);
    }

    private static Stream<LockLine> kognitio(Moment moment) {
        return moment.allLocks()
                .filter(TargetKind::isKognitio)
                .map(lock -> new LockLine(lock, moment.name(lock.target()), moment));
    }

    private static Optional<String> callSite(LockLine row, Reader reader) {
        return reader.maySee(row.user()) ? row.moment().callSite(row.statement()) : Optional.empty();
    }

    private static Optional<Object> tableId(LockLine row) {
        return row.name().tableId() == 0
                ? Optional.empty()
                : Optional.of(row.name().tableId());
    }

    private static Optional<Object> facet(LockLine row) {
        return row.lock().target() instanceof LockTarget.Facet facet
                ? Optional.of(facet.half().name())
                : Optional.empty();
    }

    private static Optional<Object> type(LockLine row) {
        return row.isNote()
                ? Optional.empty()
                : Optional.of(row.kind().type(row.lock().mode()));
    }

    private static Optional<Object> level(LockLine row) {
        return row.isNote()
                ? Optional.empty()
                : text(row.kind().level(row.lock().mode()));
    }

    private static Object requested(LockLine row) {
        return row.moment().time(row.lock().requestedNanos());
    }

    private static Optional<Object> blockingTransaction(LockLine row) {
        return row.firstBlocker().flatMap(blocker -> nonZero(blocker.owner().transaction()));
    }
}
