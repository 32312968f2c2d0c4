package io.mortise.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A scene for several sessions, as a file of SQL: comment lines say which session speaks, and tell the reader what goes
 * on. Immutable.
 *
 * <pre>
 * -- database t LOCK_POLICY=sqream     the name of the database, and settings
 * -- = Title                           a heading
 * -- session 1                         session 1 speaks from here on; it connects when it speaks first
 * -- session 2 SESSION_ID=reports      the same, and connects with these settings
 * -- query_id monthly                  the next statement has this id
 * -- until session 2 is done           its wait is to end by itself, by a timeout say
 * -- anything else                     told to the reader
 * </pre>
 *
 * <p>A statement ends with a semicolon at the end of a line.
 */
record SqlScript(String database, List<String> settings, List<Line> lines) {
    private static final Pattern DATABASE = Pattern.compile("database (\\w+)((?: \\S+=\\S+)*)");
    private static final Pattern SPEAKER = Pattern.compile("session (\\S+)((?: \\S+=\\S+)*)");
    private static final Pattern QUERY_ID = Pattern.compile("query_id (\\S+)");
    private static final Pattern UNTIL = Pattern.compile("until session (\\S+) is done");
    private static final Pattern TITLE = Pattern.compile("= (.+)");

    /** Who plays a script. */
    interface Player {
        void title(String text);

        void tell(String text);

        void speak(String session, List<String> settings);

        void nextQueryId(String id);

        void awaitEnd(String session);

        void run(String sql);
    }

    /** One thing that a player does. */
    interface Line {
        void play(Player player);
    }

    SqlScript {
        settings = List.copyOf(settings);
        lines = List.copyOf(lines);
    }

    /** The script that this package ships: {@code kognitio.sql}. */
    static SqlScript shipped(String file) {
        try (InputStream in = SqlScript.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalArgumentException("There is no script " + file + " here.");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SqlScript parse(String text) {
        return new Reading().read(text);
    }

    void play(Player player) {
        lines.forEach(line -> line.play(player));
    }

    /** A script that is being read. One thread. */
    private static final class Reading {
        private String name = "tour";
        private final List<String> settings = new ArrayList<>();
        private final List<Line> lines = new ArrayList<>();
        private final List<String> prose = new ArrayList<>();
        private final List<String> statement = new ArrayList<>();

        SqlScript read(String text) {
            text.lines().map(String::stripTrailing).forEach(this::line);
            if (!statement.isEmpty()) {
                throw new IllegalArgumentException("This has no semicolon at its end: " + String.join("\n", statement));
            }
            tell();
            return new SqlScript(name, settings, lines);
        }

        private void line(String line) {
            if (!statement.isEmpty() || !line.isEmpty() && !line.startsWith("--")) {
                tell();
                statement(line);
            } else if (line.startsWith("-- ")) {
                comment(line.substring(3));
            } else {
                tell(); // An empty line ends a paragraph.
            }
        }

        private void statement(String line) {
            statement.add(line);
            if (line.endsWith(";")) {
                String sql = String.join("\n", statement);
                lines.add(player -> player.run(sql.substring(0, sql.length() - 1)));
                statement.clear();
            }
        }

        private void comment(String text) {
            Matcher database = DATABASE.matcher(text);
            Matcher speaker = SPEAKER.matcher(text);
            Matcher queryId = QUERY_ID.matcher(text);
            Matcher until = UNTIL.matcher(text);
            Matcher title = TITLE.matcher(text);
            if (database.matches()) {
                name = database.group(1);
                settings.addAll(words(database.group(2)));
            } else if (speaker.matches()) {
                add(player -> player.speak(speaker.group(1), words(speaker.group(2))));
            } else if (queryId.matches()) {
                add(player -> player.nextQueryId(queryId.group(1)));
            } else if (until.matches()) {
                add(player -> player.awaitEnd(until.group(1)));
            } else if (title.matches()) {
                add(player -> player.title(title.group(1)));
            } else {
                prose.add(text);
            }
        }

        private void add(Line line) {
            tell();
            lines.add(line);
        }

        private void tell() {
            if (!prose.isEmpty()) {
                String paragraph = prose.stream().collect(Collectors.joining("\n"));
                lines.add(player -> player.tell(paragraph));
                prose.clear();
            }
        }

        private static List<String> words(String text) {
            return text.isBlank() ? List.of() : Arrays.asList(text.strip().split(" "));
        }
    }
}
