package io.mortise.testkit;

import io.mortise.engine.lock.LockRow;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is where, who did what, and every lock granted or pending, as of the moment it is turned into text. Immutable.
 *
 * @param nameOf what the test calls the engine's session of this number
 */
record Scene(WaitFacts facts, List<TestSession> sessions, List<Step> history, IntFunction<String> nameOf) {
    /** Where a thread stands is worth so many lines, if it neither finishes nor waits. */
    private static final int STACK_LINES = 12;
    /** So many locks on rows are listed that are in nobody's way. */
    private static final int MOST_ROWS = 100;

    @Override
    public String toString() {
        String locks = locks() + inStorage();
        return "Sessions\n" + sessions.stream().map(this::session).collect(Collectors.joining())
                + "\nSteps so far\n" + steps()
                + "\nLocks\n" + (locks.isEmpty() ? "  none\n" : locks);
    }

    /** A line for every row that nobody waits for, of the newest of each transaction first. */
    private String inStorage() {
        Set<List<Object>> listed = facts.snapshot().rows().stream()
                .filter(LockRow::granted)
                .map(Scene::holding)
                .collect(Collectors.toSet());
        try (Stream<LockRow> rows = facts.inStorage()) {
            List<LockRow> rest = rows.filter(row -> !listed.contains(holding(row)))
                    .limit(MOST_ROWS + 1)
                    .toList();
            return rest.stream().limit(MOST_ROWS).map(this::lock).collect(Collectors.joining())
                    + (rest.size() > MOST_ROWS ? "  … and more rows\n" : "");
        }
    }

    private static List<Object> holding(LockRow row) {
        return List.of(row.owner().session(), row.target());
    }

    /** A line for every lock that the lock manager has, granted ones first; empty if there is none. */
    String locks() {
        return facts.snapshot().rows().stream()
                .sorted(Comparator.comparing(LockRow::granted).reversed())
                .map(this::lock)
                .collect(Collectors.joining());
    }

    private String session(TestSession session) {
        return "  %-8s %s%n".formatted(session.name(), where(session)).replace("\r", "");
    }

    private String where(TestSession session) {
        if (session.isIdle()) {
            return "idle";
        }
        String step = session.lastStep().map(Step::text).orElse("");
        return session.waitsFor()
                .map(row -> "waits for %s in \"%s\", behind %s".formatted(what(row), step, blockers(row)))
                .orElseGet(() -> "runs \"%s\"%s".formatted(step, stack(session)));
    }

    private static String stack(TestSession session) {
        return session.stack().stream()
                .limit(STACK_LINES)
                .map(frame -> "\n             at " + frame)
                .collect(Collectors.joining());
    }

    private String steps() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < history.size(); i++) {
            Step step = history.get(i);
            String state = step.isOver() ? step.result().toString() : step.isWaiting() ? "waits" : "runs";
            text.append(
                    "  %2d  %-8s %s   -> %s\n".formatted(i + 1, step.session().name(), step.text(), state));
        }
        return text.toString();
    }

    private String lock(LockRow row) {
        String behind = row.granted() ? "" : "   behind " + blockers(row);
        return "  %-8s %-7s  %s%s\n"
                .formatted(
                        nameOf.apply(row.owner().session()), row.granted() ? "granted" : "pending", what(row), behind);
    }

    private String what(LockRow row) {
        String name = facts.name(row.target());
        return row.mode() + " on " + (name.isEmpty() ? row.target() : name);
    }

    private String blockers(LockRow row) {
        return row.blockers().stream()
                .map(blocker -> "%s (%s)".formatted(nameOf.apply(blocker.owner().session()), blocker.kind()))
                .collect(Collectors.joining(" and "));
    }
}
