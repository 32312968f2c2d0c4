package io.mortise.engine.journal;

import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.PastWait;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.text.OneLine;
import java.util.Deque;
import java.util.stream.Collectors;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * What JDK Flight Recorder is told: lock waits with the blocker's name, deadlocks, refused statements, statements.
 * Thread-safe. Costs a test of a flag while nobody records; a run time without the module {@code jdk.jfr} is told
 * nothing.
 */
public final class FlightEvents {
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private final TargetNames names;
    /** The wait that this thread has begun. A thread waits for one lock at a time. */
    private final ThreadLocal<@Nullable LockWait> waits = new ThreadLocal<>();

    private volatile boolean showingKeys;

    FlightEvents(TargetNames names) {
        this.names = names;
    }

    /** Are the keys of rows, and the names of advisory locks, in what is told from now on? Not unless this says so. */
    public void setShowingKeys(boolean isShowing) {
        showingKeys = isShowing;
    }

    private Sight sight() {
        return sight(names);
    }

    /** What may be told of the things that are called so. */
    Sight sight(TargetNames called) {
        return showingKeys ? Sight.ofAll(called) : Sight.withoutKeys(called);
    }

    /** A request that had to wait. */
    @Name("mortise.LockWait")
    @Label("Lock Wait")
    @Category("Mortise")
    @Description("A thread waited for a lock")
    static final class LockWait extends Event {
        @Label("Session")
        int session;

        @Label("Transaction")
        long transaction;

        @Label("Lock")
        @Nullable
        String lock;

        @Label("Outcome")
        @Nullable
        String outcome;

        @Label("Blocking Session")
        int blockingSession;

        @Label("Blocking Transaction")
        long blockingTransaction;

        @Label("Blocker")
        @Description(
                "Every session that was in the way when the wait began: why, with which lock, for how long, by which statement")
        @Nullable
        String blockers;

        @Label("SQL")
        @Nullable
        String sql;

        @Label("Outer SQL")
        @Description("The client's own statement, if a trigger or a function runs that one inside it")
        @Nullable
        String outerSql;
    }

    /** A cycle of waits, on the thread whose request closed it. */
    @Name("mortise.Deadlock")
    @Label("Deadlock")
    @Category("Mortise")
    @Description("A cycle of lock waits was broken by rolling one transaction back")
    static final class Deadlock extends Event {
        @Label("Deadlock Number")
        long id;

        @Label("Sessions")
        @Nullable
        String sessions;

        @Label("Victim Session")
        int victim;

        @Label("Report")
        @Nullable
        String report;
    }

    /** A statement that was refused because its session was busy. */
    @Name("mortise.SessionLocked")
    @Label("Session Locked")
    @Category("Mortise")
    @Description("A statement came while another was in flight on the session")
    static final class SessionLocked extends Event {
        @Label("Session")
        int session;

        @Label("Statement In Flight")
        @Nullable
        String inFlight;

        @Label("Thread In Flight")
        @Nullable
        String thread;

        @Label("Refused Statement")
        @Nullable
        String refused;
    }

    /** A statement, from its beginning to its end. */
    @Name("mortise.Statement")
    @Label("Statement")
    @Category("Mortise")
    @Description("A statement ran")
    @StackTrace(false)
    static final class Statement extends Event {
        @Label("Statement Number")
        long id;

        @Label("Session")
        int session;

        @Label("User")
        @Nullable
        String user;

        @Label("SQL")
        @Nullable
        String sql;

        @Label("Rows")
        @Description("The update count that the client was given; -1 for a query and for a statement that failed")
        long rows;

        @Label("Error Code")
        int errorCode;

        @Label("Batch Rows")
        @Description("How many rows of a prepared batch were executed without an error; -1 if it was no batch")
        long batchRows;
    }

    /** How a statement ended; the numbers are those of {@link StatementEntry}. */
    record Result(long rows, int errorCode, long batchRows) {}

    void waitStarted(LockRow request) {
        if (!PRESENT) {
            return;
        }
        LockWait event = new LockWait();
        if (event.isEnabled()) {
            waits.set(event);
            event.blockers = request.blockers().stream()
                    .map(blocker -> blocker(request, blocker))
                    .collect(Collectors.joining("; "));
            request.blockers().stream().findFirst().ifPresent(blocker -> {
                event.blockingSession = blocker.owner().session();
                event.blockingTransaction = blocker.owner().transaction();
            });
            event.begin();
        }
    }

    /** {@code session 4 HOLDS EX ROW for 1234 ms, taken by UPDATE T SET V = 1}. */
    private static String blocker(LockRow request, LockRow.Blocker blocker) {
        StatementRecord statement = blocker.statement();
        String what = "session " + blocker.owner().session() + " " + blocker.kind() + " "
                + LockMessages.lockOf(request.target(), blocker.mode());
        return statement.id() == 0
                ? what
                : what + " for " + Math.max(0, request.requestedNanos() - statement.startNanos()) / 1_000_000
                        + " ms, " + (blocker.kind() == EdgeKind.QUEUED_AHEAD ? "asked for by " : "taken by ")
                        + OneLine.ofSql(statement.sql());
    }

    void waitEnded(LockRow request, WaitOutcome outcome) {
        waitEnded(request, PastWait.word(outcome));
    }

    /** An Error has ended the wait. */
    void waitBroken(LockRow request) {
        waitEnded(request, "ERROR");
    }

    private void waitEnded(LockRow request, String outcome) {
        // Asked first whether anybody records: looking at a ThreadLocal leaves an entry in every thread.
        LockWait event = PRESENT && new LockWait().isEnabled() ? waits.get() : null;
        if (event == null) {
            return;
        }
        waits.remove();
        event.end();
        if (event.shouldCommit()) {
            event.session = request.owner().session();
            event.transaction = request.owner().transaction();
            event.lock = new LockMessages(sight()).what(request);
            event.outcome = outcome;
            event.sql = request.statement().sql();
            event.outerSql = request.statement()
                    .outer()
                    .map(outer -> outer.outermost().sql())
                    .orElse(null);
            event.commit();
        }
    }

    void deadlockFound(DeadlockReport report) {
        Deadlock event = PRESENT ? new Deadlock() : null;
        if (event != null && event.shouldCommit()) {
            event.id = report.id();
            event.sessions = report.members().stream()
                    .map(member -> Integer.toString(member.party().owner().session()))
                    .collect(Collectors.joining(", "));
            event.victim = report.victim().session();
            event.report = new LockMessages(sight()).deadlock(report);
            event.commit();
        }
    }

    /** A statement was refused because another was in flight. */
    public static void sessionLocked(StatementRecord inFlight, String refusedSql) {
        SessionLocked event = PRESENT ? new SessionLocked() : null;
        if (event != null && event.shouldCommit()) {
            event.session = inFlight.session();
            event.inFlight = inFlight.sql();
            event.thread = inFlight.threadName();
            event.refused = refusedSql;
            event.commit();
        }
    }

    /** Adds an event to those of the session, if anybody records. */
    void statementStarted(StatementRecord statement, Deque<Object> running) {
        if (!PRESENT) {
            return;
        }
        Statement event = new Statement();
        if (event.isEnabled()) {
            event.id = statement.id();
            event.begin();
            running.addLast(event);
        }
    }

    /**
     * Takes the statement's event from those of the session, with what stands above it: events of statements that got
     * lost.
     */
    void statementEnded(StatementRecord statement, Result result, Deque<Object> running) {
        while (!running.isEmpty() && ((Statement) running.peekLast()).id >= statement.id()) {
            Statement event = (Statement) running.removeLast();
            event.end();
            if (event.id == statement.id() && event.shouldCommit()) {
                event.session = statement.session();
                event.user = statement.user().text();
                event.sql = statement.sql();
                event.rows = result.rows();
                event.errorCode = result.errorCode();
                event.batchRows = result.batchRows();
                event.commit();
            }
        }
    }
}
