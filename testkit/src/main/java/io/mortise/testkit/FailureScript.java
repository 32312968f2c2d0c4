package io.mortise.testkit;

import io.mortise.testkit.DeadlockScript.Line;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A serialization failure of the past as a test: the text of {@code SYS.SERIALIZATION_FAILURES.SCRIPT}. Immutable.
 *
 * <pre>
 * a: SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL
 * b: SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL
 * a: UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1
 * b: UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2
 * a: COMMIT
 * b: COMMIT
 * -- serialization failure, victim b
 * </pre>
 *
 * <p>All sessions run at SERIALIZABLE. Of prepared statements the same holds as in a {@link DeadlockScript}.
 *
 * @param lines the steps, in order; the last is the one that was refused
 * @param victim the session that gave way
 */
public record FailureScript(List<Line> lines, String victim) {
    private static final Pattern END = Pattern.compile("-- serialization failure, victim (\\w+)");
    private static final String COMMIT = "COMMIT";

    public FailureScript {
        lines = List.copyOf(lines);
    }

    /** @throws IllegalArgumentException if a line is not one of a script */
    public static FailureScript parse(String script) {
        List<Line> lines = new ArrayList<>();
        Optional<String> victim = Optional.empty();
        for (String text : script.strip().lines().toList()) {
            Matcher end = END.matcher(text.strip());
            if (end.matches()) {
                victim = Optional.of(end.group(1));
            } else {
                lines.add(DeadlockScript.line(text.strip()));
            }
        }
        return new FailureScript(
                lines, victim.orElseThrow(() -> new IllegalArgumentException("no victim is named: " + script)));
    }

    /**
     * The same script with values for the question marks of a step.
     *
     * @param step its number in {@link #lines}, from 1
     * @throws IllegalArgumentException if there is no such step, or it has another number of question marks
     */
    public FailureScript with(int step, @Nullable Object... values) {
        if (step < 1 || step > lines.size()) {
            throw new IllegalArgumentException("the script has steps 1 to " + lines.size() + ", not " + step);
        }
        List<Line> changed = new ArrayList<>(lines);
        changed.set(step - 1, lines.get(step - 1).with(step, values));
        return new FailureScript(changed, victim);
    }

    /**
     * Runs the steps; a step may wait until another session has committed, as it did then. Nobody fails but the victim.
     *
     * @return the victim's last step, which has failed with 40001
     * @throws IllegalStateException if a step has question marks without values; it says which, by name and type
     */
    public Step replay(Interleaving database) {
        lines.stream()
                .map(Line::session)
                .distinct()
                .forEach(session -> database.session(session)
                        .step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                        .expectFinished());
        DeadlockScript.checkComplete(lines, database);
        List<Step> steps = new ArrayList<>();
        for (Line line : lines) {
            TestSession session = database.session(line.session());
            Step step = line.sql().equals(COMMIT) ? session.commit() : line.runIn(session);
            steps.add(step.expectEitherWay());
        }
        Step refused = DeadlockScript.lastStep(database, victim);
        refused.expectError("40001");
        for (Step step : steps) {
            if (step != refused) {
                step.expectFinished();
            }
        }
        return refused;
    }
}
