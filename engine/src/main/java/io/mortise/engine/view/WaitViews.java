package io.mortise.engine.view;

import static io.mortise.engine.view.Cells.nonZero;
import static io.mortise.engine.view.Cells.text;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The tables that show who waits for whom. Immutable. */
final class WaitViews {
    /** Up to here, all are shown: 446 waiters of one row. */
    private static final int MOST_EDGES = 100_000;

    private static final int FEWEST_OF_EACH = 16;

    private final Moments moments;

    WaitViews(Moments moments) {
        this.moments = moments;
    }

    /** One pending request and one of those in its way. */
    record Wait(LockLine line, Blocker blocker) {
        private Moment moment() {
            return line.moment();
        }

        private StatementRecord blockingStatement() {
            return moment().statement(blocker.owner());
        }

        private Optional<Object> transactionMillis() {
            return moment().party(blocker.owner()).map(party -> moment().millisSince(party.startNanos()));
        }
    }

    /** IPE_BLOCKING_LOCKS_REPORT: what blocks the reader's own queries. */
    VirtualTable<Wait> blockingLocksReport() {
        return new VirtualTable<Wait>(
                        "SYS",
                        "IPE_BLOCKING_LOCKS_REPORT",
                        "The blocking locks report: what blocks the queries of the current user",
                        reader -> waits(moments.of(reader))
                                .filter(wait -> wait.line.user().equals(reader.user())))
                .column("SESSION", "INTEGER", "the session that waits", wait -> session(wait))
                .columnFor("SQL_TEXT", "VARCHAR", "what it runs", (wait, reader) -> wait.line.sql(reader))
                .columnFor("LOCKED", "VARCHAR", "what it waits for", (wait, reader) -> wait.line.locked(reader))
                .column("WAIT_MS", "BIGINT", "how long it has waited", WaitViews::waited)
                .column("BLOCKING_SESSION", "INTEGER", "the session in its way", WaitViews::blocker)
                .column(
                        "BLOCKING_USER",
                        "VARCHAR",
                        "user of that session",
                        wait -> blockingUser(wait).text())
                .columnFor("BLOCKING_SQL", "VARCHAR", "the statement that took the lock", WaitViews::takenBy);
    }

    /** SYS.LOCK_WAITS: an edge of the waits-for graph a row. */
    VirtualTable<Wait> lockWaits() {
        return blockerColumns(waiterColumns(new VirtualTable<>(
                "SYS",
                "LOCK_WAITS",
                "Who waits for whom: each pending request with one of its blockers. Of more than 100000 such pairs,"
                        + " each request shows the first of those in its way",
                reader -> waits(moments.of(reader)))));
    }

    private static VirtualTable<Wait> waiterColumns(VirtualTable<Wait> table) {
        return table.column("SESSION", "INTEGER", "the session that waits", wait -> session(wait))
                .column("TNO", "BIGINT", "its transaction", wait -> wait.line.transaction())
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "its user",
                        wait -> wait.line.user().text())
                .column(
                        "MODE",
                        "VARCHAR",
                        "the mode it wants",
                        wait -> wait.line.lock().mode().name())
                .column(
                        "TARGET_KIND",
                        "VARCHAR",
                        "what kind of thing it wants",
                        wait -> wait.line.kind().name())
                .column(
                        "SCHEMA_NAME",
                        "VARCHAR",
                        "schema of that",
                        wait -> text(wait.line.name().schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table of that",
                        wait -> text(wait.line.name().table()))
                .columnFor("ROW_KEY", "VARCHAR", "primary key of the row", (wait, reader) -> wait.line.key(reader))
                .columnFor("SQL_TEXT", "VARCHAR", "what it runs", (wait, reader) -> wait.line.sql(reader))
                .columnFor(
                        "OUTER_SQL",
                        "VARCHAR",
                        "the client's own statement, if a trigger or a function runs that one inside it",
                        (wait, reader) -> wait.line.outerSql(reader))
                .column("THREAD_NAME", "VARCHAR", "its thread", wait -> Cells.thread(wait.line.statement()))
                .column("WAITED_MS", "BIGINT", "how long it has waited", WaitViews::waited)
                .column(
                        "EDGE_KIND",
                        "VARCHAR",
                        "why: HOLDS, QUEUED_AHEAD, STATEMENT_SLOT or SAFE_SNAPSHOT",
                        wait -> wait.blocker.kind().name());
    }

    private static VirtualTable<Wait> blockerColumns(VirtualTable<Wait> table) {
        return table.column("BLOCKING_SESSION", "INTEGER", "the session in its way", WaitViews::blocker)
                .column(
                        "BLOCKING_TNO",
                        "BIGINT",
                        "transaction of that",
                        wait -> nonZero(wait.blocker.owner().transaction()))
                .column(
                        "BLOCKING_USER",
                        "VARCHAR",
                        "user of that",
                        wait -> blockingUser(wait).text())
                .column(
                        "BLOCKING_MODE",
                        "VARCHAR",
                        "the mode that is held, or asked for ahead",
                        wait -> wait.blocker.mode().name())
                .column("BLOCKING_STATE", "VARCHAR", "what the session in the way does", WaitViews::blockingState)
                .column(
                        "BLOCKING_BRANCH",
                        "VARCHAR",
                        "the branch of a distributed transaction that it has prepared; COMMIT TRANSACTION ends that",
                        WaitViews::blockingBranch)
                .columnFor("BLOCKING_SQL", "VARCHAR", "the statement that took the lock in the way", WaitViews::takenBy)
                .columnFor("BLOCKING_LAST_SQL", "VARCHAR", "what that session runs, or ran last", WaitViews::lastSql)
                .column("BLOCKING_THREAD", "VARCHAR", "thread of that", wait -> Cells.thread(wait.blockingStatement()))
                .columnFor("BLOCKING_CALL_SITE", "VARCHAR", "where that thread is now", WaitViews::blockingCallSite)
                .column("BLOCKING_IDLE_MS", "BIGINT", "how long that session has been idle", WaitViews::idle)
                .column("BLOCKING_TRANSACTION_MS", "BIGINT", "age of that transaction", Wait::transactionMillis)
                .column(
                        "PASSED_OVER",
                        "INTEGER",
                        "how often others took the lock first",
                        wait -> wait.line.lock().passedOver());
    }

    private static Stream<Wait> waits(Moment moment) {
        List<LockRow> pending =
                moment.locks().stream().filter(lock -> !lock.granted()).toList();
        long each = shownOfEach(pending);
        return pending.stream()
                .map(lock -> new LockLine(lock, moment.name(lock.target()), moment))
                .flatMap(line -> line.lock().blockers().stream().limit(each).map(blocker -> new Wait(line, blocker)));
    }

    /** Ten thousand waiters of one row have fifty million edges, and who looks at them has to keep them in memory. */
    private static long shownOfEach(List<LockRow> pending) {
        long edges = pending.stream().mapToLong(lock -> lock.blockers().size()).sum();
        return edges <= MOST_EDGES ? edges : Math.max(MOST_EDGES / pending.size(), FEWEST_OF_EACH);
    }

    private static int session(Wait wait) {
        return wait.line.lock().owner().session();
    }

    private static int blocker(Wait wait) {
        return wait.blocker.owner().session();
    }

    private static long waited(Wait wait) {
        return wait.moment().waitedMillis(wait.line.lock());
    }

    private static UserName blockingUser(Wait wait) {
        return wait.moment().user(wait.blocker.owner());
    }

    private static Optional<String> blockingState(Wait wait) {
        return wait.moment()
                .session(blocker(wait))
                .map(session -> wait.moment().stateText(session))
                .or(() -> wait.moment()
                        .branchInDoubt(wait.blocker.owner())
                        .map(party -> party.doing().text()));
    }

    private static Optional<Object> blockingBranch(Wait wait) {
        return wait.moment()
                .party(wait.blocker.owner())
                .flatMap(party -> text(party.standing().branch()));
    }

    private static Optional<Object> idle(Wait wait) {
        return wait.moment()
                .party(wait.blocker.owner())
                .map(Party::idleNanos)
                .filter(nanos -> nanos >= 0)
                .map(nanos -> nanos / 1_000_000);
    }

    private static Optional<Object> takenBy(Wait wait, Reader reader) {
        return reader.maySee(blockingUser(wait)) ? text(wait.blocker.statement().sql()) : Optional.empty();
    }

    private static Optional<Object> lastSql(Wait wait, Reader reader) {
        return reader.maySee(blockingUser(wait)) ? text(wait.blockingStatement().sql()) : Optional.empty();
    }

    private static Optional<String> blockingCallSite(Wait wait, Reader reader) {
        return reader.maySee(blockingUser(wait)) ? wait.moment().callSite(wait.blockingStatement()) : Optional.empty();
    }
}
