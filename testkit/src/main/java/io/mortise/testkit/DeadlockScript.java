package io.mortise.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.AssertionFailedError;

/**
 * A deadlock of the past as a test: the text of {@code SYS.DEADLOCKS.SCRIPT}. Immutable.
 *
 * <pre>
 * a: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1
 * b: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2
 * a: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2 -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=2)
 * b: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1 -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=1)
 * -- deadlock, victim b
 * </pre>
 *
 * @param lines the steps, in order; the last closes the cycle
 * @param victim the session that gave way
 */
public record DeadlockScript(List<Line> lines, String victim) {
    private static final Pattern STEP = Pattern.compile("(\\w+): (.*?)( -- waits for (\\w+)(, .*)?)?");
    private static final Pattern END = Pattern.compile("-- deadlock, victim (\\w+)");

    /**
     * A step of a session.
     *
     * @param waitsFor the session in its way; empty if it finished
     */
    public record Line(String session, String sql, Optional<String> waitsFor) {}

    public DeadlockScript {
        lines = List.copyOf(lines);
    }

    /** @throws IllegalArgumentException if a line is none of a script, or has a value that the script does not know */
    public static DeadlockScript parse(String script) {
        List<Line> lines = new ArrayList<>();
        Optional<String> victim = Optional.empty();
        for (String text : script.strip().lines().toList()) {
            Matcher end = END.matcher(text.strip());
            if (end.matches()) {
                victim = Optional.of(end.group(1));
            } else {
                lines.add(line(text.strip()));
            }
        }
        if (lines.isEmpty() || lines.get(lines.size() - 1).waitsFor().isEmpty()) {
            throw new IllegalArgumentException("a script of a deadlock ends with a step that waits: " + script);
        }
        return new DeadlockScript(
                lines, victim.orElseThrow(() -> new IllegalArgumentException("no victim is named: " + script)));
    }

    /**
     * Runs the steps: each ends as the script says, and the same session gives way.
     *
     * @return the victim's step, which has failed with 40001
     */
    public Step replay(Interleaving database) {
        List<String> begun = new ArrayList<>();
        for (Line line : lines) {
            if (!begun.contains(line.session())) {
                begun.add(line.session());
                database.session(line.session());
            }
        }
        for (Line line : lines.subList(0, lines.size() - 1)) {
            Step step = database.session(line.session()).step(line.sql());
            line.waitsFor().ifPresentOrElse(step::expectBlockedBy, step::expectFinished);
        }
        Line closing = lines.get(lines.size() - 1);
        database.session(closing.session()).step(closing.sql()).expectEitherWay();
        Step given = database.session(victim)
                .lastStep()
                .orElseThrow(() -> new AssertionFailedError("session " + victim + " has no step in the script"));
        given.expectError("40001");
        return given;
    }

    private static Line line(String text) {
        Matcher step = STEP.matcher(text);
        if (!step.matches()) {
            throw new IllegalArgumentException("not a step of a script: " + text);
        }
        if (withoutLiterals(step.group(2)).contains("?")) {
            throw new IllegalArgumentException("put the values in place of the question marks: " + text);
        }
        return new Line(step.group(1), step.group(2), Optional.ofNullable(step.group(4)));
    }

    private static String withoutLiterals(String sql) {
        return sql.replaceAll("'[^']*'", "").replaceAll("\"[^\"]*\"", "");
    }
}
