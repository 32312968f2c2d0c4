package io.mortise.engine.lock;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Writes what happened to a wait so that a person who reads only this knows who, what, where and what to do. One event,
 * one text: in the exception, the error log and the log file. The first lines are Kognitio's. Immutable.
 *
 * @param maySee may the reader see what this user runs?
 */
public record LockMessages(TargetNames names, Predicate<String> maySee) {
    private static final int COLUMN = 37;
    private static final String HIDDEN = "(a statement of another user)";

    /** A wait that ended without its lock at its timeout, or a request that was not to wait. */
    public String timeout(WaitReport report) {
        LockRow request = report.request();
        TargetNames.Name name = names.of(request.target());
        StringBuilder text = new StringBuilder(requested(request, name));
        conflict(report)
                .ifPresent(blocker -> text.append(" Conflicts with ")
                        .append(blocker.owner())
                        .append(' ')
                        .append(lockOf(request.target(), blocker.mode()))
                        .append(" on ")
                        .append(place(request.target(), name)));
        line(
                text,
                "waited   " + millis(report.waitedNanos()) + " ms for " + lockOf(request) + " on " + name.text()
                        + " (lock_timeout=" + report.timeoutMillis() + ")");
        StatementRecord own = request.statement();
        line(
                text,
                columns(
                        "waiting  ",
                        sql(own),
                        "session " + request.owner().session() + " "
                                + report.waiter().user() + ", thread \""
                                + own.thread().getName() + "\""));
        report.blockers().forEach(blocker -> blocker(text, report, blocker));
        hint(text, report);
        return text.toString();
    }

    /** A deadlock, for its victim and for the log. */
    public String deadlock(DeadlockReport report) {
        List<DeadlockReport.Member> cycle = report.members();
        LockRow closing = cycle.get(0).waitsFor();
        StringBuilder text = new StringBuilder(requested(closing, names.of(closing.target())))
                .append(" Deadlock detected: dependency cycle of sessions ")
                .append(cycle.stream().map(LockMessages::sessionOf).collect(Collectors.joining(", ")))
                .append('.');
        for (int i = 0; i < cycle.size(); i++) {
            DeadlockReport.Member member = cycle.get(i);
            LockRow wanted = member.waitsFor();
            line(
                    text,
                    sessionOf(member) + " waits for " + lockOf(wanted) + " on "
                            + names.of(wanted.target()).text() + held(member.edge())
                            + sessionOf(cycle.get((i + 1) % cycle.size()))
                            + "   " + sql(wanted.statement()));
        }
        line(text, "victim   " + new VictimReason(report).text() + ", rolled back");
        line(
                text,
                "hint     "
                        + (onRows(cycle)
                                ? "take the rows in the same order in every transaction"
                                : "take the locks in the same order in every transaction"));
        return text.toString();
    }

    /** {@code EX ROW}: what Kognitio calls the lock. An intent on a table only announces rows, and shows as such. */
    public static String lockOf(LockRow row) {
        return lockOf(row.target(), row.mode());
    }

    public static String lockOf(LockTarget target, LockMode mode) {
        boolean shared = mode == LockMode.IS || mode == LockMode.S;
        return (shared ? "SH " : "EX ") + level(target, mode);
    }

    private static String level(LockTarget target, LockMode mode) {
        if (target instanceof LockTarget.System) {
            return "SYS";
        } else if (target instanceof LockTarget.Name) {
            return "NAME";
        } else if (target instanceof LockTarget.StatementSlot) {
            return "SLOT";
        } else if (target instanceof LockTarget.Row
                || target instanceof LockTarget.RowKey
                || target instanceof LockTarget.UniqueKey) {
            return "ROW";
        } else {
            return mode == LockMode.IS || mode == LockMode.IX ? "ROW" : "TAB";
        }
    }

    private static String requested(LockRow request, TargetNames.Name name) {
        return "Lock Manager: " + request.owner() + " requested " + lockOf(request) + " on "
                + place(request.target(), name) + ".";
    }

    private static String place(LockTarget target, TargetNames.Name name) {
        return name.tableId() != 0 ? "table " + name.tableId() : describe(target, name);
    }

    private static String describe(LockTarget target, TargetNames.Name name) {
        if (target instanceof LockTarget.System) {
            return "system";
        } else if (target instanceof LockTarget.Schema) {
            return "schema " + name.text();
        } else if (target instanceof LockTarget.Database) {
            return "database";
        } else {
            return name.text();
        }
    }

    private static Optional<LockRow.Blocker> conflict(WaitReport report) {
        return report.request().blockers().stream().findFirst();
    }

    private void blocker(StringBuilder text, WaitReport report, Party party) {
        boolean holds = report.request().blockers().stream()
                .noneMatch(edge -> edge.owner().equals(party.owner()) && edge.kind() == EdgeKind.QUEUED_AHEAD);
        String who = "session " + party.owner().session() + " " + party.user() + ", thread \""
                + party.statement().thread().getName() + "\", "
                + (party.idleNanos() < 0 ? "statement: " : "last statement: ") + sql(party.statement());
        String doing = party.idleNanos() < 0 ? "running" : "idle in transaction for " + duration(party.idleNanos());
        line(text, columns(holds ? "holder   " : "ahead    ", doing, who));
        party.stack().stream()
                .findFirst()
                .ifPresent(frame -> line(text, (holds ? "holder's" : "its") + " thread is at  " + frame));
    }

    private static void hint(StringBuilder text, WaitReport report) {
        conflict(report)
                .map(blocker -> blocker.owner().session())
                .ifPresent(session -> line(
                        text,
                        "hint     end or abort session " + session
                                + ": UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session));
    }

    private static boolean onRows(List<DeadlockReport.Member> cycle) {
        return cycle.stream().allMatch(member -> member.waitsFor().target() instanceof LockTarget.Row);
    }

    private static String held(EdgeKind edge) {
        return switch (edge) {
            case HOLDS -> " held by ";
            case QUEUED_AHEAD -> " behind ";
            case STATEMENT_SLOT -> " used by ";
        };
    }

    private static String sessionOf(DeadlockReport.Member member) {
        return Integer.toString(member.party().owner().session());
    }

    private String sql(StatementRecord statement) {
        return maySee.test(statement.user()) || statement.sql().isEmpty()
                ? statement.sql().strip().replaceAll("\\s+", " ")
                : HIDDEN;
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    private static String duration(long nanos) {
        return millis(nanos) < 1000 ? millis(nanos) + " ms" : millis(nanos) / 1000 + " s";
    }

    private static String columns(String label, String left, String right) {
        return label + left + " ".repeat(Math.max(0, COLUMN - left.length())) + "  " + right;
    }

    private static void line(StringBuilder text, String line) {
        text.append("\n  ").append(line);
    }
}
