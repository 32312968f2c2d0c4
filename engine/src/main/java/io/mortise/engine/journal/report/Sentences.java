package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The first line of a message: one plain sentence that says enough where only one line is shown. Immutable. */
final class Sentences {
    private static final int SQL_SHOWN = 80;
    private static final String DEFAULT_SCHEMA = "PUBLIC.";

    private final Sight sight;

    Sentences(Sight sight) {
        this.sight = sight;
    }

    /**
     * {@code Timeout after 2165 ms: row ORDERS(ID=1) is held by session 5 (thread "checkout-1", idle in transaction
     * 2674 ms)}.
     */
    String timeout(WaitReport report) {
        long waited = TimeUnit.NANOSECONDS.toMillis(report.waitedNanos());
        return inTheWay(report, report.timeoutMillis() == 0 ? "Not waited: " : "Timeout after " + waited + " ms: ");
    }

    /** {@code Session 7 has waited 5003 ms: row ORDERS(ID=1) is held by session 5 (…)}. */
    String longWait(WaitReport report) {
        return inTheWay(
                report,
                "Session " + report.waiter().owner().session() + " has waited "
                        + TimeUnit.NANOSECONDS.toMillis(report.waitedNanos()) + " ms: ");
    }

    private String inTheWay(WaitReport report, String start) {
        LockRow request = report.request();
        String what = thing(request.target(), report.waiter().user());
        if (request.blockers().isEmpty() || report.blockers().isEmpty()) {
            return start + what + " was not free in time";
        }
        int others = report.blockers().size() - 1;
        return start
                + what
                + verb(request.blockers().get(0).kind())
                + party(report.blockers().get(0))
                + (others == 0 ? "" : " and " + others + (others == 1 ? " other" : " others"));
    }

    /** {@code Deadlock between sessions 7 and 5: session 7 was rolled back. Run its transaction again.} */
    static String deadlock(DeadlockReport report) {
        String all = report.members().stream()
                .map(member -> Integer.toString(member.party().owner().session()))
                .collect(Collectors.joining(", "));
        int last = all.lastIndexOf(", ");
        String sessions = last < 0 ? all : all.substring(0, last) + " and " + all.substring(last + 2);
        return "Deadlock between sessions " + sessions + ": the transaction of session "
                + report.victim().session() + " was rolled back. Run the transaction again.";
    }

    private static String verb(EdgeKind kind) {
        return switch (kind) {
            case HOLDS -> " is held by ";
            case QUEUED_AHEAD -> " is asked for, earlier, by ";
            case STATEMENT_SLOT -> " is in use by ";
            case SAFE_SNAPSHOT -> " is still open in ";
        };
    }

    private String thing(LockTarget target, UserName... owners) {
        String place = sight.place(target, owners);
        String bare = place.startsWith(DEFAULT_SCHEMA) ? place.substring(DEFAULT_SCHEMA.length()) : place;
        return switch (TargetKind.of(target)) {
            case SYSTEM, DATABASE -> "the " + bare;
            case SCHEMA -> "schema " + place;
            case TABLE, FACET -> "table " + bare;
            case ROW -> "row " + bare;
            case ROW_KEY -> "the key of row " + bare;
            case UNIQUE_KEY -> "unique key " + bare;
            case GLOBAL_PERMISSION, ADVISORY, STATEMENT_SLOT, TRANSACTION -> bare;
        };
    }

    private String party(Party party) {
        if (party.doing() == Party.Doing.IN_DOUBT) {
            return idle(party) + " (prepared, and no session has it)";
        }
        String thread = party.statement().id() == 0
                ? ""
                : "thread \"" + OneLine.ofName(party.statement().threadName()) + "\", ";
        String site =
                sight.ofStatements(party.user()) ? CallSite.of(party.stack()).orElse("") : "";
        return "session " + party.owner().session() + " (" + thread + doing(party)
                + HeldUp.blocked(party)
                        .map(held -> ", blocked on a Java monitor")
                        .orElse("")
                + (site.isEmpty() ? "" : ", at " + fileAndLine(site)) + ")";
    }

    /** What it does, where that is not said by a statement. */
    static String idle(Party party) {
        return switch (party.doing()) {
            case RUNNING -> "running";
            case LOCK_WAIT -> "waiting for a lock itself";
            case STREAMING -> "streaming a result";
            case PREPARED -> "prepared as branch " + branch(party) + ", idle";
            case IN_DOUBT -> "branch " + branch(party) + " in doubt";
            case IDLE_IN_TRANSACTION -> "idle in transaction";
            case IDLE -> "idle";
        };
    }

    static String branch(Party party) {
        return OneLine.of(party.standing().branch());
    }

    private String doing(Party party) {
        if (party.idleNanos() >= 0) {
            return idle(party) + " " + TimeUnit.NANOSECONDS.toMillis(party.idleNanos()) + " ms";
        }
        String sql = OneLine.ofSql(party.statement().outermost().sql());
        if (sql.isEmpty() || !sight.ofStatements(party.user())) {
            return party.doing() == Party.Doing.LOCK_WAIT ? idle(party) : "running a statement";
        }
        return idle(party) + (party.doing() == Party.Doing.LOCK_WAIT ? " in " : " ") + OneLine.of(sql, SQL_SHOWN);
    }

    /** {@code Report.java:88} of {@code com.acme.Report.send(Report.java:88)}. */
    private static String fileAndLine(String site) {
        int open = site.indexOf('(');
        return open < 0 || !site.endsWith(")") ? site : site.substring(open + 1, site.length() - 1);
    }
}
