package io.mortise.examples;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.StepResult;
import io.mortise.testkit.TestSession;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plays a script in a database of its own and prints what a person at the terminals would see: who says what, and what
 * comes of it. Each statement ends, or is seen to wait, before the next is said. One thread.
 */
final class ScriptPlay implements SqlScript.Player {
    private final Interleaving stage;
    private final Path folder;
    private final Narrator narrator;
    /** What each statement that waits will print when it ends, in the order in which they began. */
    private final List<Waiting> waiting = new ArrayList<>();

    private Optional<TestSession> speaker = Optional.empty();
    private String queryId = "";

    /** A statement that stands in a queue, and what it has given when it is over. */
    private record Waiting(String session, Step step, AtomicReference<String> answer) {}

    private ScriptPlay(Interleaving stage, Path folder, Narrator narrator) {
        this.stage = stage;
        this.folder = folder;
        this.narrator = narrator;
    }

    /** @param folder where the files go that a script writes; {@code $FOLDER} in it */
    static void play(SqlScript script, Path folder, Narrator narrator) {
        String[] settings = script.settings().stream()
                .map(setting -> inFolder(setting, folder))
                .toArray(String[]::new);
        try (Interleaving stage = Interleaving.over("jdbc:mortise:mem:" + script.database(), settings)) {
            script.play(new ScriptPlay(stage, folder, narrator));
        }
    }

    private static String inFolder(String text, Path folder) {
        return text.replace("$FOLDER", folder.toString());
    }

    @Override
    public void title(String text) {
        narrator.title(text);
    }

    @Override
    public void tell(String text) {
        narrator.say("\n" + text);
    }

    @Override
    public void speak(String session, List<String> settings) {
        try {
            speaker = Optional.of(stage.session(session, settings.toArray(String[]::new)));
        } catch (AssertionError refused) {
            speaker = Optional.empty();
            narrator.say("\n" + session + "> (connects)");
            narrator.say(error(Optional.ofNullable(refused.getCause()).orElse(refused)));
        }
    }

    @Override
    public void nextQueryId(String id) {
        queryId = id;
    }

    @Override
    public void awaitEnd(String session) {
        waiting.stream()
                .filter(statement -> statement.session().equals(session))
                .forEach(statement -> statement.step().expectEnd());
        goOn();
    }

    @Override
    public void run(String sql) {
        TestSession session = speaker.orElseThrow(() -> new IllegalStateException("nobody says: " + sql));
        AtomicReference<String> answer = new AtomicReference<>("");
        String id = queryId;
        queryId = "";
        narrator.say("\n" + session.name() + "> " + sql.replace("\n", "\n   ") + ";");
        Step step = session.step(sql, connection -> answer.set(answer(connection, inFolder(sql, folder), id)));
        if (step.isOver()) {
            narrator.say(outcome(step, answer));
        } else {
            narrator.say("   ... waits for " + names(step.expectWaiting().blockers()));
            waiting.add(new Waiting(session.name(), step, answer));
        }
        goOn();
    }

    private static String names(List<String> sessions) {
        return sessions.stream()
                .map(session -> session.startsWith("session ") ? session : "session " + session)
                .collect(Collectors.joining(" and "));
    }

    /** Prints what has ended meanwhile. */
    private void goOn() {
        for (Waiting statement : List.copyOf(waiting)) {
            if (statement.step().isOver()) {
                waiting.remove(statement);
                narrator.say("\n" + statement.session() + "> ... "
                        + statement.step().text().replace("\n", "\n   "));
                narrator.say(outcome(statement.step(), statement.answer()));
            }
        }
    }

    private static String outcome(Step step, AtomicReference<String> answer) {
        StepResult end = step.expectEnd();
        return end.failure().map(ScriptPlay::error).orElseGet(answer::get);
    }

    private static String error(Throwable thrown) {
        String state = thrown instanceof SQLException error ? error.getSQLState() + " " + error.getErrorCode() : "";
        return indented("ERROR " + state + ": " + thrown.getMessage());
    }

    private static String answer(Connection connection, String sql, String id) throws SQLException {
        if (!id.isEmpty()) {
            connection.setClientInfo("query_id", id);
        }
        try (Statement statement = connection.createStatement()) {
            boolean hasRows = statement.execute(sql);
            if (statement.isClosed()) {
                return indented("OK"); // CONNECT or DISCONNECT: it went with its connection.
            }
            String answer = hasRows ? rows(statement.getResultSet()) : "OK" + count(statement.getUpdateCount());
            return indented(answer + warnings(statement.getWarnings()));
        }
    }

    private static String rows(ResultSet rows) throws SQLException {
        TextTable table = TextTable.of(rows);
        int size = table.lines().size() - 1;
        return table + "(" + size + (size == 1 ? " row)" : " rows)");
    }

    private static String count(int updated) {
        return updated <= 0 ? "" : updated == 1 ? ", 1 row" : ", " + updated + " rows";
    }

    private static String warnings(@Nullable SQLWarning first) {
        StringBuilder text = new StringBuilder();
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            text.append("\nwarning: ").append(warning.getMessage());
        }
        return text.toString();
    }

    private static String indented(String text) {
        return text.lines().map(line -> ("   " + line).stripTrailing()).collect(Collectors.joining("\n"));
    }
}
