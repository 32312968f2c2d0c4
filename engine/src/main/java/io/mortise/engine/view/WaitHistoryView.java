package io.mortise.engine.view;

import static io.mortise.engine.view.Cells.nonZero;
import static io.mortise.engine.view.Cells.text;

import io.mortise.engine.journal.report.PastWait;
import io.mortise.engine.journal.report.PastWait.Side;
import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The table that shows the waits of the past: who waited for whom when nobody was looking. Stateless. */
final class WaitHistoryView {
    private WaitHistoryView() {}

    /** SYS.LOCK_WAIT_HISTORY */
    static VirtualTable<PastWait> of(Sources sources) {
        return new VirtualTable<PastWait>(
                        "SYS",
                        "LOCK_WAIT_HISTORY",
                        "The last lock waits that have ended, each with the session that was in its way at the start",
                        reader -> sources.journal().waits().stream())
                .with(WaitHistoryView::waiter)
                .with(WaitHistoryView::blocker)
                .with(table -> times(table, sources));
    }

    private static VirtualTable<PastWait> waiter(VirtualTable<PastWait> table) {
        return table.column(
                        "SESSION",
                        "INTEGER",
                        "the session that waited",
                        wait -> wait.waiter().owner().session())
                .column(
                        "TNO",
                        "BIGINT",
                        "its transaction",
                        wait -> nonZero(wait.waiter().owner().transaction()))
                .column(
                        "USER_NAME",
                        "VARCHAR",
                        "its user",
                        wait -> text(wait.waiter().user().text()))
                .column(
                        "MODE",
                        "VARCHAR",
                        "the mode it wanted",
                        wait -> wait.waiter().mode().name())
                .column(
                        "TARGET_KIND",
                        "VARCHAR",
                        "what kind of thing it wanted",
                        wait -> TargetKind.of(wait.target()).name())
                .column(
                        "SCHEMA_NAME",
                        "VARCHAR",
                        "schema of that",
                        wait -> text(wait.name().schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table of that",
                        wait -> text(wait.name().table()))
                .columnFor(
                        "ROW_KEY",
                        "VARCHAR",
                        "primary key of the row; the name of an advisory lock",
                        WaitHistoryView::key)
                .columnFor("SQL_TEXT", "VARCHAR", "what it ran", (wait, reader) -> sql(wait.waiter(), reader))
                .column(
                        "THREAD_NAME",
                        "VARCHAR",
                        "its thread",
                        wait -> text(wait.waiter().thread()));
    }

    private static VirtualTable<PastWait> blocker(VirtualTable<PastWait> table) {
        return table.column(
                        "EDGE_KIND",
                        "VARCHAR",
                        "why: HOLDS, QUEUED_AHEAD, STATEMENT_SLOT or SAFE_SNAPSHOT",
                        wait -> text(wait.edgeKind()))
                .column(
                        "BLOCKING_SESSION",
                        "INTEGER",
                        "the first session in its way when the wait began",
                        wait -> first(wait, side -> Math.abs(side.owner().session())))
                .column(
                        "BLOCKING_TNO",
                        "BIGINT",
                        "transaction of that",
                        wait -> wait.first()
                                .flatMap(side -> nonZero(side.owner().transaction())))
                .column(
                        "BLOCKING_USER",
                        "VARCHAR",
                        "user of that",
                        wait -> wait.first().flatMap(side -> text(side.user().text())))
                .column(
                        "BLOCKING_MODE",
                        "VARCHAR",
                        "the mode that was held, or asked for ahead",
                        wait -> first(wait, side -> side.mode().name()))
                .columnFor(
                        "BLOCKING_SQL",
                        "VARCHAR",
                        "the statement that took the lock in the way",
                        (wait, reader) -> wait.first().flatMap(side -> sql(side, reader)))
                .column(
                        "BLOCKERS",
                        "VARCHAR",
                        "all sessions in its way when the wait began; of many the first",
                        wait -> text(wait.blockers()));
    }

    private static VirtualTable<PastWait> times(VirtualTable<PastWait> table, Sources sources) {
        return table.column(
                        "BEGIN_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when the wait began",
                        wait -> Moment.time(sources.clock(), wait.beganNanos()))
                .column(
                        "END_TIME",
                        "TIMESTAMP WITH TIME ZONE",
                        "when it ended",
                        wait -> Moment.time(sources.clock(), wait.endedNanos()))
                .column(
                        "WAITED_MS",
                        "BIGINT",
                        "how long it lasted",
                        wait -> TimeUnit.NANOSECONDS.toMillis(wait.endedNanos() - wait.beganNanos()))
                .column(
                        "OUTCOME",
                        "VARCHAR",
                        "GRANTED, DEADLOCK_VICTIM, TIMEOUT, CANCELLED, or what else ended it",
                        PastWait::outcome);
    }

    private static <T> Optional<T> first(PastWait wait, Function<Side, T> what) {
        return wait.first().map(what);
    }

    private static Optional<Object> key(PastWait wait, Reader reader) {
        boolean isShown = wait.name().key().isEmpty()
                || wait.sight(reader).ofKey(wait.target(), wait.waiter().user());
        return isShown ? text(wait.name().key()) : Optional.empty();
    }

    private static Optional<Object> sql(Side side, Reader reader) {
        return reader.maySee(side.user()) ? text(side.sql()) : Optional.empty();
    }
}
