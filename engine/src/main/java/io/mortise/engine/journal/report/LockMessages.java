package io.mortise.engine.journal.report;

import io.mortise.engine.journal.report.Hints.Remedies;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitReport;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What is said of a wait that failed and of a deadlock: one event, one text, in the exception, the error log and the
 * log file. The first line is a sentence that a log viewer can show alone, the second Kognitio's, word for word.
 * Immutable.
 */
public final class LockMessages {
    /** Shown instead of the SQL of a user whose statements the reader may not see. */
    public static final String HIDDEN = "(another user's statement)";

    private final Sight sight;
    private final Remedies remedies;

    /** @param sight what the reader may be shown */
    public LockMessages(Sight sight) {
        this(sight, Remedies.HERE);
    }

    /** The same for a database that is elsewhere, and has remedies of its own. */
    public LockMessages(Sight sight, Remedies remedies) {
        this.sight = sight;
        this.remedies = remedies;
    }

    /**
     * A wait that ended at its timeout, or a request that was not to wait: a sentence, then Kognitio's line, then the
     * facts.
     */
    public String timeout(WaitReport report) {
        LockRow request = report.request();
        UserName waiter = report.waiter().user();
        StringBuilder text = new StringBuilder(new Sentences(sight).timeout(report));
        text.append("\nLock Manager: ")
                .append(requested(request, waiter))
                .append(". ")
                .append(conflicts(request, waiter));
        return facts(report, text);
    }

    /** A wait that goes on: a sentence, then the facts. */
    public String longWait(WaitReport report) {
        return facts(report, new StringBuilder(new Sentences(sight).longWait(report)));
    }

    private String facts(WaitReport report, StringBuilder text) {
        LockRow request = report.request();
        UserName waiter = report.waiter().user();
        text.append("\n  waited   ")
                .append(millis(report.waitedNanos()))
                .append(" ms for ")
                .append(what(request, waiter));
        text.append(" (lock_timeout=").append(report.timeoutMillis()).append(')');
        text.append("\n  waiting  ").append(column(sql(report.waiter()))).append(session(report.waiter()));
        inside(report.waiter(), "\n  ", text);
        for (int i = 0; i < report.blockers().size(); i++) {
            blocker(report, i, text);
        }
        for (LockRow ahead : report.queue()) {
            if (report.blockers().stream().noneMatch(party -> party.owner().equals(ahead.owner()))) {
                text.append("\n  ahead    ")
                        .append(ahead.owner())
                        .append(" waits for ")
                        .append(what(ahead, waiter, ahead.statement().user()));
            }
        }
        return text.append(Hints.timeout(report, remedies)).toString();
    }

    /** A deadlock, for every member of it: a sentence, then Kognitio's line, then who has and wants what. */
    public String deadlock(DeadlockReport report) {
        LockRow closing = report.members().get(0).waitsFor();
        StringBuilder text = new StringBuilder(Sentences.deadlock(report))
                .append("\nLock Manager: ")
                .append(requested(closing, owners(report, 0)))
                .append(". Deadlock detected: dependency cycle of sessions ")
                .append(report.members().stream()
                        .map(member -> Integer.toString(member.party().owner().session()))
                        .collect(Collectors.joining(", ")))
                .append(".");
        for (int i = 0; i < report.members().size(); i++) {
            member(report, i, text);
        }
        text.append("\n  victim   ").append(report.victim().session()).append(" (");
        text.append(VictimReason.of(report)).append("), rolled back");
        return text.append(Hints.deadlock(report)).toString();
    }

    private void member(DeadlockReport report, int i, StringBuilder text) {
        List<Member> members = report.members();
        Member member = members.get(i);
        Party party = member.party();
        Party next = members.get((i + 1) % members.size()).party();
        text.append("\n  ").append(party.owner().session()).append(" waits for ");
        text.append(what(member.waitsFor(), owners(report, i))).append(behind(member.edge()));
        text.append(next.owner().session()).append("   ").append(sql(party));
        inside(party, "\n    ", text);
        String site = callSite(party);
        if (party.statement().id() != 0) {
            text.append("\n    thread \"")
                    .append(OneLine.ofName(sight.threadOf(party.statement())))
                    .append('"')
                    .append(site.isEmpty() ? "" : " at " + site);
        }
        member.waitsFor().blockers().stream()
                .filter(blocker -> blocker.owner().session() == next.owner().session())
                .map(LockRow.Blocker::statement)
                .filter(taken -> !taken.sql().isEmpty())
                .findFirst()
                .ifPresent(taken -> text.append("\n    ")
                        .append(next.owner().session())
                        .append(member.edge() == EdgeKind.QUEUED_AHEAD ? " asked for it by " : " took it by ")
                        .append(sql(taken, next.user())));
    }

    /** The same text with Kognitio's line first, as its own log files and tables have it. */
    public static String kognitioFirst(String text) {
        int end = text.indexOf('\n');
        if (end < 0 || !text.startsWith("Lock Manager: ", end + 1)) {
            return text;
        }
        int next = text.indexOf('\n', end + 1);
        int after = next < 0 ? text.length() : next;
        return text.substring(end + 1, after) + "\n  " + text.substring(0, end) + text.substring(after);
    }

    /**
     * {@code EX ROW on PUBLIC.ACCOUNTS(ID=42)}
     *
     * @param owners users of this lock, and of others on the same target
     */
    public String what(LockRow lock, UserName... owners) {
        return lockOf(lock) + " on " + sight.place(lock.target(), owners);
    }

    /** Who has a lock, granted or asked for, on what this member of a deadlock waits for. */
    static UserName[] owners(DeadlockReport report, int member) {
        List<Member> members = report.members();
        Member waiting = members.get(member);
        Party next = members.get((member + 1) % members.size()).party();
        return new UserName[] {waiting.party().user(), next.user()};
    }

    /** {@code EX ROW}: what Kognitio calls the lock. */
    public static String lockOf(LockRow lock) {
        return lockOf(lock.target(), lock.mode());
    }

    public static String lockOf(LockTarget target, LockMode mode) {
        return kind(target).typeAndLevel(mode);
    }

    /** Where a thread of that party's stands, if the reader may know. */
    private String callSite(Party party) {
        return sight.ofStatements(party.user()) ? CallSite.of(party.stack()).orElse("") : "";
    }

    private void blocker(WaitReport report, int i, StringBuilder text) {
        Party party = report.blockers().get(i);
        boolean holds = i >= report.request().blockers().size()
                || report.request().blockers().get(i).kind() != EdgeKind.QUEUED_AHEAD;
        boolean idle = party.idleNanos() >= 0;
        boolean waits = party.doing() == Party.Doing.LOCK_WAIT;
        text.append(holds ? "\n  holder   " : "\n  queued   ");
        text.append(column(idle ? Sentences.idle(party) + " for " + duration(party.idleNanos()) : sql(party)));
        text.append(session(party));
        if (idle && !party.statement().sql().isEmpty()) {
            text.append(", last statement: ").append(sql(party));
        }
        if (!idle) {
            text.append(waits && holds ? ", which waits for a lock itself" : "");
            inside(party, "\n  ", text);
        }
        if (holds && i < report.request().blockers().size()) {
            takenBy(report.request().blockers().get(i).statement(), party, text);
        }
        String site = callSite(party);
        if (!site.isEmpty()) {
            text.append("\n  holder's thread is at  ").append(site);
        }
        HeldUp.blocked(party)
                .filter(held -> sight.ofStatements(party.user()))
                .ifPresent(held ->
                        text.append("\n  holder's thread is blocked on ").append(held.on()));
    }

    /**
     * Which row of a batch its statement is, and which statement of the client's has run it, if it is not that itself.
     */
    private void inside(Party party, String line, StringBuilder text) {
        StatementRecord outermost = party.statement().outermost();
        if (outermost != party.statement()) {
            text.append(line).append("inside   ").append(sql(outermost, party.user()));
        }
        int row = party.standing().batchRow();
        if (row != 0) {
            text.append(line).append("batch    row ").append(row).append(" of the batch");
        }
    }

    /** By which statement the holder has what is waited for, if it is not the one that it runs or ran last. */
    private void takenBy(StatementRecord statement, Party party, StringBuilder text) {
        if (!statement.sql().isEmpty()
                && !statement.sql().equals(party.statement().sql())) {
            text.append("\n  taken by ").append(sql(statement, party.user()));
        }
    }

    private String conflicts(LockRow request, UserName waiter) {
        if (request.blockers().isEmpty()) {
            return "The lock was not free in time";
        }
        LockRow.Blocker first = request.blockers().get(0);
        return "Conflicts with " + first.owner() + " " + lockOf(request.target(), first.mode()) + " on "
                + numbered(request.target(), waiter);
    }

    private String requested(LockRow request, UserName... owners) {
        return request.owner() + " requested " + lockOf(request) + " on " + numbered(request.target(), owners);
    }

    private static String behind(EdgeKind edge) {
        return switch (edge) {
            case HOLDS -> " held by ";
            case QUEUED_AHEAD -> " queued behind ";
            case STATEMENT_SLOT -> " in use by ";
            case SAFE_SNAPSHOT -> " still open in ";
        };
    }

    /** In one line: what is a column of a report must not end it. */
    private String sql(Party party) {
        return sql(party.statement(), party.user());
    }

    private String sql(StatementRecord statement, UserName user) {
        String sql = OneLine.ofSql(statement.sql());
        return sql.isEmpty() || sight.ofStatements(user) ? sql : HIDDEN;
    }

    private static String session(Party party) {
        String thread = party.statement().id() == 0
                ? ""
                : ", thread \"" + OneLine.ofName(party.statement().threadName()) + "\"";
        String user = OneLine.of(party.user().text());
        return "session " + party.owner().session() + (user.isEmpty() ? "" : " " + user) + thread;
    }

    /** The place as Kognitio numbers it: {@code table 39}. */
    private String numbered(LockTarget target, UserName... owners) {
        TargetNames.Name name = sight.name(target, owners);
        return switch (kind(target)) {
            case SYSTEM, DATABASE, GLOBAL_PERMISSION, STATEMENT_SLOT, TRANSACTION, ADVISORY ->
                sight.place(target, owners);
            case SCHEMA -> "schema " + OneLine.of(name.schema());
            default -> "table " + name.tableId();
        };
    }

    private static TargetKind kind(LockTarget target) {
        return TargetKind.of(target);
    }

    private static String column(String text) {
        return "%-37s  ".formatted(text);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static String duration(long nanos) {
        return millis(nanos) < 10_000 ? millis(nanos) + " ms" : TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
    }
}
