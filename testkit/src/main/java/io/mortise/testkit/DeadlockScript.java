package io.mortise.testkit;

import io.mortise.testkit.marks.QuestionMarks;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.opentest4j.AssertionFailedError;

/**
 * A deadlock of the past as a test: the text of {@code SYS.DEADLOCKS.SCRIPT}. Immutable.
 *
 * <pre>
 * a: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1
 * b: UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2
 * a: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2 -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=2)
 * b: UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1 -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=1)
 * -- deadlock, victim b (a has done as much)
 * </pre>
 *
 * <p>Of two that have done as much, the younger gives way, and that may be the other one next time. The last line names
 * the others that may, and {@link #replay} accepts them. Delete that list, and only the victim may give way.
 *
 * <p>A prepared statement keeps its question marks. With {@code BIND_VALUES=TRUE} its values stand behind the text, as
 * in {@code WHERE ID = ? {1: 2}}, and {@link #parse} puts them in place. Without them {@link #replay} says which values
 * each step needs, by name and type, and {@link #with} gives them.
 *
 * @param lines the steps, in order; the last closes the cycle
 * @param victim the session that gave way
 * @param alike those that might have given way as well
 */
public record DeadlockScript(List<Line> lines, String victim, List<String> alike) {
    private static final Pattern STEP = Pattern.compile("(\\w+): (.*?)( -- waits for (\\w+)(, .*)?)?");
    private static final Pattern END =
            Pattern.compile("-- deadlock, victim (\\w+)(?: \\((\\w+(?:, \\w+)*) ha(?:s|ve) done as much\\))?");

    /**
     * A step of a session.
     *
     * @param values of its question marks, in order; empty if it has none or they are not known
     * @param waitsFor the session in its way; empty if it finished
     */
    public record Line(String session, String sql, List<@Nullable Object> values, Optional<String> waitsFor) {
        public Line {
            values = Collections.unmodifiableList(new ArrayList<>(values));
        }

        /** The same with values, for the step of this number. */
        Line with(int step, @Nullable Object... given) {
            int marks = QuestionMarks.in(sql).size();
            if (given.length != marks) {
                throw new IllegalArgumentException(
                        "step " + step + " has " + marks + " question marks, not " + given.length + ": " + sql);
            }
            return new Line(session, sql, Arrays.asList(given), waitsFor);
        }

        int missing() {
            return values.isEmpty() ? QuestionMarks.in(sql).size() : 0;
        }

        Step runIn(TestSession session) {
            return values.isEmpty() ? session.step(sql) : session.step(sql, this::run);
        }

        private void run(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.size(); i++) {
                    statement.setObject(i + 1, values.get(i));
                }
                statement.execute();
            }
        }
    }

    public DeadlockScript {
        lines = List.copyOf(lines);
        alike = List.copyOf(alike);
    }

    /** @throws IllegalArgumentException if a line is not one of a script */
    public static DeadlockScript parse(String script) {
        List<Line> lines = new ArrayList<>();
        Optional<String> victim = Optional.empty();
        List<String> alike = List.of();
        for (String text : script.strip().lines().toList()) {
            Matcher end = END.matcher(text.strip());
            if (end.matches()) {
                victim = Optional.of(end.group(1));
                alike = end.group(2) == null ? List.of() : List.of(end.group(2).split(", "));
            } else {
                lines.add(line(text.strip()));
            }
        }
        if (lines.isEmpty() || lines.get(lines.size() - 1).waitsFor().isEmpty()) {
            throw new IllegalArgumentException("a script of a deadlock ends with a step that waits: " + script);
        }
        return new DeadlockScript(
                lines, victim.orElseThrow(() -> new IllegalArgumentException("no victim is named: " + script)), alike);
    }

    /**
     * The same script with values for the question marks of a step.
     *
     * @param step its number in {@link #lines}, from 1
     * @throws IllegalArgumentException if there is no such step, or it has another number of question marks
     */
    public DeadlockScript with(int step, @Nullable Object... values) {
        if (step < 1 || step > lines.size()) {
            throw new IllegalArgumentException("the script has steps 1 to " + lines.size() + ", not " + step);
        }
        List<Line> changed = new ArrayList<>(lines);
        changed.set(step - 1, lines.get(step - 1).with(step, values));
        return new DeadlockScript(changed, victim, alike);
    }

    /**
     * Runs the steps: each ends as the script says, and the same session gives way, or one that has done as much.
     *
     * @return the victim's step, which has failed with 40001
     * @throws IllegalStateException if a step has question marks without values; it says which, by name and type
     */
    public Step replay(Interleaving database) {
        lines.stream().map(Line::session).distinct().forEach(database::session);
        checkComplete(lines, database);
        for (Line line : lines.subList(0, lines.size() - 1)) {
            Step step = line.runIn(database.session(line.session()));
            line.waitsFor().ifPresentOrElse(step::expectBlockedBy, step::expectFinished);
        }
        Line closing = lines.get(lines.size() - 1);
        TestSession last = database.session(closing.session());
        closing.runIn(last).expectEitherWay();
        last.awaitStill();
        Step given = alike.stream()
                .map(session -> lastStep(database, session))
                .filter(Step::hasFailed)
                .findFirst()
                .orElseGet(() -> lastStep(database, victim));
        given.expectError("40001");
        return given;
    }

    static Step lastStep(Interleaving database, String session) {
        return database.session(session)
                .lastStep()
                .orElseThrow(() -> new AssertionFailedError("session " + session + " has no step in the script"));
    }

    static void checkComplete(List<Line> lines, Interleaving database) {
        StringBuilder wanted = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            if (line.missing() > 0) {
                Connection connection = database.session(line.session()).connection();
                wanted.append("\n  .with(")
                        .append(i + 1)
                        .append(", ")
                        .append(String.join(", ", described(line.sql(), connection)))
                        .append(")   // ")
                        .append(line.session())
                        .append(": ")
                        .append(line.sql());
            }
        }
        if (wanted.length() > 0) {
            throw new IllegalStateException("The script does not know the values of its parameters. Give them with:"
                    + wanted + "\nBIND_VALUES=TRUE in the URL puts them into later scripts.");
        }
    }

    private static List<String> described(String sql, Connection connection) {
        List<String> names = new ArrayList<>(QuestionMarks.names(sql));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ParameterMetaData types = statement.getParameterMetaData();
            for (int i = 0; i < names.size(); i++) {
                names.set(i, names.get(i) + " " + types.getParameterTypeName(i + 1));
            }
            return names;
        } catch (SQLException e) {
            throw new IllegalArgumentException("step cannot be prepared: " + sql, e);
        }
    }

    static Line line(String text) {
        Matcher step = STEP.matcher(text);
        if (!step.matches()) {
            throw new IllegalArgumentException("not a step of a script: " + text);
        }
        return new Line(
                step.group(1), QuestionMarks.filled(step.group(2)), List.of(), Optional.ofNullable(step.group(4)));
    }
}
