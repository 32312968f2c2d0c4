package io.mortise.engine.journal.failure;

import io.mortise.engine.journal.failure.SerialFailure.Step;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.text.OneLine;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A serialization failure as a test: a line a step, {@code a: UPDATE …}, in the order in which they began; the last is
 * the one that was refused. Sessions are called a, b, c, in the order in which they come. Stateless.
 */
public final class FailureScript {
    /** Of a batch so many rows are steps at most. */
    private static final int MOST_OF_BATCH = 100;

    private FailureScript() {}

    /** To be shown to who may see what every party ran. */
    public static String of(SerialFailure failure) {
        Map<OwnerId, Character> letters = new LinkedHashMap<>();
        StringBuilder script = new StringBuilder();
        for (Step step : failure.steps()) {
            char letter = letters.computeIfAbsent(step.owner(), next -> (char) ('a' + letters.size()));
            String line = letter + ": " + OneLine.ofSql(step.sql()) + '\n';
            script.append(line.repeat((int) Math.max(1, Math.min(step.rows(), MOST_OF_BATCH))));
        }
        char victim = letters.computeIfAbsent(failure.found().victim(), next -> (char) ('a' + letters.size()));
        return script.append("-- serialization failure, victim ")
                .append(victim)
                .append('\n')
                .toString();
    }
}
