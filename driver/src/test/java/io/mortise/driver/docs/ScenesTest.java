package io.mortise.driver.docs;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.StepResult;
import io.mortise.testkit.TestSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The scenes in the pages of docs are played, and every answer is what the page says. A scene is a block of code marked
 * {@code scene}, with settings behind that if it needs any. {@code a: SQL} runs in session a; what is answered follows,
 * indented. Times and lines of code may differ.
 */
@Timeout(120)
final class ScenesTest {
    private static final Path DOCS = Path.of("../docs");
    private static final Pattern SCENE = Pattern.compile("```scene ?([^\n]*)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINE = Pattern.compile("([a-z]+): (.+)");
    /** Of the database of a scene. */
    private static final Pattern NAME = Pattern.compile("INTERLEAVING-[0-9A-F-]+");

    private static final Pattern CHANGE = Pattern.compile("(?:INSERT|UPDATE|DELETE|MERGE)\\b");
    private static final Pattern VOLATILE =
            Pattern.compile("\\d+(?= (?:ms|s)\\b)|, at \\w+\\.java:\\d+|thread \"[^\"]*\"|\\d{4}-\\d\\d-\\d\\d [^|]*");

    private static Stream<String> pages() throws IOException {
        try (Stream<Path> files = Files.list(DOCS)) {
            return files
                    .filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> SCENE.matcher(text(file)).find())
                    .map(file -> file.getFileName().toString())
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void whatThePageShowsIsWhatHappens(String page) {
        String written = text(DOCS.resolve(page));

        String played = SCENE.matcher(written)
                .replaceAll(scene -> Matcher.quoteReplacement(scene.group()
                        .replace(scene.group(2), play(scene.group(1).strip(), scene.group(2)))));

        if (!steady(written).equals(steady(played))) {
            Pages.compare(DOCS.resolve(page), played);
        }
    }

    private static String steady(String scene) {
        return VOLATILE.matcher(scene).replaceAll("…");
    }

    private static String play(String settings, String written) {
        StringBuilder played = new StringBuilder();
        try (Interleaving db = Interleaving.inMemory(settings.isEmpty() ? new String[0] : settings.split(";"))) {
            List<Step> waiting = new ArrayList<>();
            Map<String, TestSession> sessions = new LinkedHashMap<>();
            for (String line : written.lines().toList()) {
                Matcher says = LINE.matcher(line);
                if (!line.startsWith(" ")) {
                    played.append(line).append('\n');
                }
                if (!says.matches()) {
                    continue;
                }
                String sql = says.group(2);
                if (says.group(1).equals("first")) {
                    db.setUp(sql);
                } else {
                    TestSession session = sessions.computeIfAbsent(says.group(1), db::session);
                    answer(played, run(session, sql), waiting);
                }
            }
            end(sessions, waiting);
        }
        return NAME.matcher(played).replaceAll("SHOP");
    }

    private static Step run(TestSession session, String sql) {
        return switch (sql) {
            case "COMMIT" -> session.commit();
            case "ROLLBACK" -> session.rollback();
            default -> session.step(sql);
        };
    }

    /** What the step is answered, and then what those are answered whose wait it has ended. */
    private static void answer(StringBuilder played, Step step, List<Step> waiting) {
        boolean waits = step.isWaiting();
        if (waits) {
            step.expectWaiting();
            played.append("   waits for ")
                    .append(String.join(", ", step.blockers()))
                    .append('\n');
        } else {
            say(played, "", step);
        }
        for (Step other : List.copyOf(waiting)) {
            if (!other.isWaiting()) {
                say(played, other.session().name() + " goes on: ", other);
                waiting.remove(other);
            }
        }
        if (waits) {
            waiting.add(step);
        }
    }

    private static void end(Map<String, TestSession> sessions, List<Step> waiting) {
        for (Step step : waiting) {
            step.session().cancel();
            step.expectEnd();
        }
        sessions.values().forEach(session -> session.rollback().expectEnd());
    }

    private static void say(StringBuilder played, String who, Step step) {
        StepResult result = step.expectEnd();
        List<String> lines = result.rows().isEmpty() ? List.of(brief(step, result)) : result.rows();
        lines.forEach(line -> played.append("   ").append(who).append(line).append('\n'));
    }

    private static String brief(Step step, StepResult result) {
        boolean counts = CHANGE.matcher(step.text()).lookingAt() || result.isFailure();
        return counts ? result.toString().replaceFirst("^(?:finished, |failed: )", "") : "done";
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
