package io.mortise.engine.view;

import static io.mortise.engine.view.Cells.id;
import static io.mortise.engine.view.Cells.nonZero;
import static io.mortise.engine.view.Cells.text;
import static io.mortise.engine.view.Cells.thread;

import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables that show who holds what and who waits for whom. Immutable. */
final class LockViews {
    private final Moments moments;

    LockViews(Moments moments) {
        this.moments = moments;
    }

    /** A lock, with its names and the moment it was seen in. */
    record Line(LockRow lock, TargetNames.Name name, Moment moment) {
        TargetKind kind() {
            return TargetKind.of(lock.target());
        }

        private Optional<Blocker> firstBlocker() {
            return lock.blockers().stream().findFirst();
        }

        UserName user() {
            return moment.user(lock.owner());
        }

        /** {@code EX ROW PUBLIC.ACCOUNTS(ID=42)} */
        String locked(Reader reader) {
            String what = moment.sight(reader).place(lock.target(), user());
            // Of a statement slot there is one, and no way to have it but one.
            String how = kind() == TargetKind.STATEMENT_SLOT ? "" : kind().typeAndLevel(lock.mode());
            return (how + " " + what).strip();
        }

        Optional<Object> transaction() {
            return nonZero(lock.owner().transaction());
        }

        Optional<Object> key(Reader reader) {
            return isKeyShown(reader) ? text(name.key()) : Optional.empty();
        }

        private Optional<Object> rowHash(Reader reader) {
            return isKeyShown(reader) ? Optional.of(name.rowHash()) : Optional.empty();
        }

        private boolean isKeyShown(Reader reader) {
            return name.key().isEmpty() || moment.sight(reader).ofKey(lock.target(), user());
        }

        StatementRecord statement() {
            return lock.statement();
        }

        /** The statement that took it or asks for it. */
        Optional<Object> sql(Reader reader) {
            return reader.maySee(user()) ? text(statement().sql()) : Optional.empty();
        }

        /** The client's own, within which that one runs; empty if it is that itself. */
        Optional<Object> outerSql(Reader reader) {
            return statement()
                    .outer()
                    .filter(outer -> reader.maySee(user()))
                    .flatMap(outer -> text(outer.outermost().sql()));
        }

        private Optional<Object> grantTime() {
            return lock.granted() ? Optional.of(moment.time(lock.grantedNanos())) : Optional.empty();
        }
    }

    /** IPE_ALLLOCKS: every lock, granted or pending, as Kognitio has it. Reading it takes no locks. */
    VirtualTable<Line> allLocks() {
        return new VirtualTable<Line>(
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
    VirtualTable<Line> locksReport() {
        return new VirtualTable<Line>(
                        "SYS",
                        "IPE_LOCKS_REPORT",
                        "The locks report: each lock with what its session runs",
                        reader -> kognitio(moments.of(reader)))
                .with(LockViews::session)
                .with(LockViews::user)
                .columnFor("LOCKED", "VARCHAR", "type, level and what is locked", Line::locked)
                .with(LockViews::status)
                .with(table -> waited(table, "WAIT_MS"))
                .with(LockViews::blockingSession)
                .columnFor("SQL_TEXT", "VARCHAR", "the statement that asked for it", Line::sql);
    }

    /** SYS.LOCKS: every lock with all that is known of it. */
    VirtualTable<Line> locks() {
        return new VirtualTable<Line>(
                        "SYS",
                        "LOCKS",
                        "Every lock, granted or pending, of every kind",
                        reader -> lines(moments.of(reader)))
                .with(LockViews::owner)
                .column(
                        "TARGET_KIND",
                        "VARCHAR",
                        "what kind of thing is locked",
                        line -> line.kind().name())
                .with(LockViews::table)
                .column("FACET", "VARCHAR", "INSERT or UPDATE: half a table, in the sqream policy", LockViews::facet)
                .with(LockViews::row)
                .column(
                        "MODE",
                        "VARCHAR",
                        "IS, IX, S, SIX or X",
                        line -> line.lock.mode().name())
                .with(LockViews::typeAndLevel)
                .with(LockViews::status)
                .with(table -> times(table, "REQUESTED_AT", "ACQUIRED_AT", "WAITED_MS"))
                .with(LockViews::statement)
                .with(LockViews::blocker)
                .column("PASSED_OVER", "INTEGER", "how often others took it first", line -> line.lock.passedOver());
    }

    private static VirtualTable<Line> session(VirtualTable<Line> table) {
        return table.column(
                "SESSION",
                "INTEGER",
                "session of the lock",
                line -> line.lock.owner().session());
    }

    private static VirtualTable<Line> user(VirtualTable<Line> table) {
        return table.column(
                "USER_NAME",
                "VARCHAR",
                "user of the session",
                line -> line.user().text());
    }

    private static VirtualTable<Line> owner(VirtualTable<Line> table) {
        return table.with(LockViews::session)
                .column("TNO", "BIGINT", "transaction of the lock", Line::transaction)
                .with(LockViews::user);
    }

    private static VirtualTable<Line> table(VirtualTable<Line> table) {
        return table.column("TABLE_ID", "INTEGER", "number of the table in messages", LockViews::tableId)
                .column("SCHEMA_NAME", "VARCHAR", "schema of what is locked", line -> text(line.name.schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table that is locked, or the row's table",
                        line -> text(line.name.table()));
    }

    private static VirtualTable<Line> typeAndLevel(VirtualTable<Line> table) {
        return table.column("LOCK_TYPE", "VARCHAR", "Kognitio's type: SH or EX", LockViews::type)
                .column("LOCK_LEVEL", "VARCHAR", "Kognitio's level: TAB, ROW or SYS", LockViews::level);
    }

    private static VirtualTable<Line> row(VirtualTable<Line> table) {
        return table.columnFor("ROW_HASH", "INTEGER", "hash of the row's key; -2147483648 for no row", Line::rowHash)
                .columnFor(
                        "ROW_KEY", "VARCHAR", "primary key of the row, ID=42; the name of an advisory lock", Line::key);
    }

    private static VirtualTable<Line> status(VirtualTable<Line> table) {
        return table.column(
                "STATUS", "VARCHAR", "GRANTED or PENDING", line -> line.lock.granted() ? "GRANTED" : "PENDING");
    }

    private static VirtualTable<Line> times(VirtualTable<Line> table, String asked, String granted, String waited) {
        return table.column(
                        asked,
                        "TIMESTAMP WITH TIME ZONE",
                        "when it was asked for; of a row that only storage knows, when the statement that took it began",
                        LockViews::requested)
                .column(granted, "TIMESTAMP WITH TIME ZONE", "when it was granted", Line::grantTime)
                .with(with -> waited(with, waited));
    }

    private static VirtualTable<Line> waited(VirtualTable<Line> table, String name) {
        return table.column(
                name, "BIGINT", "how long it waited, or has waited", line -> line.moment.waitedMillis(line.lock));
    }

    private static VirtualTable<Line> statement(VirtualTable<Line> table) {
        return table.columnFor(
                        "ACQUIRED_BY",
                        "VARCHAR",
                        "the statement that took it or asks for it; null if the transaction has run too many since",
                        Line::sql)
                .column("STATEMENT_ID", "BIGINT", "number of that statement", line -> id(line.statement()))
                .column("THREAD_NAME", "VARCHAR", "thread that ran it", line -> thread(line.statement()))
                .columnFor("CALL_SITE", "VARCHAR", "where that thread is now", LockViews::callSite)
                .column("IS_IMPLICIT", "BOOLEAN", "is it an uncommitted row in storage?", line -> line.lock.implicit());
    }

    private static VirtualTable<Line> blockingSession(VirtualTable<Line> table) {
        return table.column(
                "BLOCKING_SESSION",
                "INTEGER",
                "the first session in its way",
                line -> line.firstBlocker().map(blocker -> blocker.owner().session()));
    }

    private static VirtualTable<Line> blocker(VirtualTable<Line> table) {
        return table.with(LockViews::blockingSession)
                .column("BLOCKING_TNO", "BIGINT", "transaction of that session", LockViews::blockingTransaction);
    }

    private static Stream<Line> lines(Moment moment) {
        return moment.allLocks().map(lock -> new Line(lock, moment.name(lock.target()), moment));
    }

    private static Stream<Line> kognitio(Moment moment) {
        return moment.allLocks()
                .filter(TargetKind::isKognitio)
                .map(lock -> new Line(lock, moment.name(lock.target()), moment));
    }

    private static Optional<String> callSite(Line row, Reader reader) {
        return reader.maySee(row.user()) ? row.moment.callSite(row.statement()) : Optional.empty();
    }

    private static Optional<Object> tableId(Line row) {
        return row.name.tableId() == 0 ? Optional.empty() : Optional.of(row.name.tableId());
    }

    private static Optional<Object> facet(Line row) {
        return row.lock.target() instanceof LockTarget.Facet facet
                ? Optional.of(facet.half().name())
                : Optional.empty();
    }

    private static String type(Line row) {
        return row.kind().type(row.lock.mode());
    }

    private static Optional<Object> level(Line row) {
        return text(row.kind().level(row.lock.mode()));
    }

    private static Object requested(Line row) {
        return row.moment.time(row.lock.requestedNanos());
    }

    private static Optional<Object> blockingTransaction(Line row) {
        return row.firstBlocker().flatMap(blocker -> nonZero(blocker.owner().transaction()));
    }
}
