package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.WaitReport;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** The last lines of a message: how to mend the cause, then how to end what stands in the way now. Stateless. */
public final class Hints {
    private static final String HINT = "\n  hint     ";
    private static final String MORE = "\n           ";

    private static final String FOR_SNAPSHOT =
            "DEFERRABLE=TRUE waits until every serializable transaction that was open"
                    + " has ended: give it a longer LOCK_TIMEOUT (ms), or set DEFERRABLE=FALSE";

    private Hints() {}

    /**
     * What can be done about a session that is in the way, where the database is. Immutable.
     *
     * @param idleLimit the rest of a sentence that begins with <i>or</i>: how no transaction is left idle for long
     * @param end the statement that ends a session, by its number
     */
    public record Remedies(String idleLimit, IntFunction<String> end) {
        /** Those of a database in this process. */
        static final Remedies HERE = new Remedies(
                "put IDLE_BLOCKER_TIMEOUT=5000 in the URL: a session that stays idle for so many ms while others wait"
                        + " for it is rolled back",
                session -> "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session);
    }

    static String timeout(WaitReport report, Remedies remedies) {
        if (report.blockers().isEmpty()) {
            return "";
        }
        Party first = report.blockers().get(0);
        int session = first.owner().session();
        // The end of the session leaves a prepared branch as it is, with all that it has changed.
        String end = first.doing() == Party.Doing.PREPARED || first.doing() == Party.Doing.IN_DOUBT
                ? ""
                : MORE + "to end session " + session + " now, type in any SQL client on this database: "
                        + remedies.end().apply(session);
        return HINT + (isForSnapshot(report) ? FOR_SNAPSHOT + MORE : "") + mend(first, session, remedies) + end;
    }

    private static boolean isForSnapshot(WaitReport report) {
        return TargetKind.of(report.request().target()) == TargetKind.TRANSACTION;
    }

    private static String mend(Party first, int session, Remedies remedies) {
        if (HeldUp.blocked(first).isPresent()) {
            return "find out why the thread of session " + session
                    + " does not get its Java monitor: a thread dump shows who has it";
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(first.idleNanos());
        return switch (first.doing()) {
            case RUNNING ->
                "let the statement of session " + session
                        + " do less at a time, or wait longer: LOCK_TIMEOUT=10000 (ms) in the URL";
            case LOCK_WAIT ->
                "look at what session " + session + " waits for itself: SELECT TREE FROM SYS.BLOCKING_TREE";
            case STREAMING ->
                "read the result of session " + session + " to its end, or close it: it has been open for " + millis
                        + " ms, and the session keeps its locks until then";
            case PREPARED ->
                "end the branch, which keeps its locks whatever becomes of session " + session + endOf(first);
            case IN_DOUBT ->
                "end the branch, which keeps its locks and has no session that could be ended" + endOf(first) + MORE
                        + "INFORMATION_SCHEMA.IN_DOUBT lists such branches";
            case IDLE_IN_TRANSACTION ->
                "commit before the slow call: session " + session + " has held its locks idle for " + millis + " ms"
                        + MORE
                        + "or " + remedies.idleLimit();
            case IDLE ->
                "SESSION_UNLOCK as soon as the work is done: the lock belongs to session " + session
                        + ", which has been idle for " + millis + " ms, and no commit gives it back";
        };
    }

    private static String endOf(Party prepared) {
        String branch = Sentences.branch(prepared);
        return ": XAResource, or COMMIT TRANSACTION " + branch + " or ROLLBACK TRANSACTION " + branch;
    }

    static String deadlock(DeadlockReport report) {
        List<String> levels = report.members().stream()
                .map(member -> TargetKind.of(member.waitsFor().target()).level(LockMode.X))
                .distinct()
                .toList();
        boolean throughSlot = report.members().stream()
                .anyMatch(member -> TargetKind.of(member.waitsFor().target()) == TargetKind.STATEMENT_SLOT);
        if (throughSlot) {
            return HINT
                    + "run the transaction again; so that it does not come back, give each thread a connection of its"
                    + " own, and use no other while its transaction is open";
        }
        String what = levels.equals(List.of("ROW")) ? "rows" : levels.equals(List.of("TAB")) ? "tables" : "locks";
        return HINT + "run the transaction again; so that it does not come back, take the " + what
                + " in the same order in every transaction";
    }
}
