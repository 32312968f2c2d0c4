package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plays every anomaly at every level under every policy, and in plain H2; engine/ANOMALIES.md says what comes of it.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
final class AnomalyTest {
    private static final List<String> LEVELS =
            List.of("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE");
    private static final Map<String, Supplier<Cast>> DATABASES = databases();
    /** A cell is played once, whichever test asks first. */
    private static final Map<Cell, Boolean> PLAYED = new ConcurrentHashMap<>();

    private static final Map<String, Cast> CASTS = new ConcurrentHashMap<>();

    private record Cell(Anomaly anomaly, String database, String level) {
        boolean happens() {
            return PLAYED.computeIfAbsent(this, Cell::play);
        }

        private boolean play() {
            return anomaly.happens(CASTS.computeIfAbsent(database, Cell::open), level);
        }

        private static Cast open(String database) {
            return Objects.requireNonNull(DATABASES.get(database)).get();
        }

        String word() {
            return happens() ? "happens" : "prevented";
        }
    }

    private static Map<String, Supplier<Cast>> databases() {
        Map<String, Supplier<Cast>> databases = new LinkedHashMap<>();
        for (String policy : List.of("mvcc", "kognitio", "sqream")) {
            databases.put("`" + policy + "`", () -> new EngineCast("LOCK_POLICY=" + policy));
        }
        databases.put("plain H2 2.5.252", PlainCast::new);
        return databases;
    }

    @AfterAll
    static void everybodyGoes() {
        CASTS.values().forEach(Cast::close);
        CASTS.clear();
        PLAYED.clear();
    }

    @TestFactory
    Stream<DynamicTest> serializablePrevents() {
        return Stream.of("`mvcc`", "`kognitio`")
                .flatMap(
                        policy -> Stream.of(Anomaly.values()).map(anomaly -> new Cell(anomaly, policy, "SERIALIZABLE")))
                .map(cell -> DynamicTest.dynamicTest(
                        cell.anomaly() + " under " + cell.database(),
                        () -> assertThat(cell.happens()).isFalse()));
    }

    @TestFactory
    Stream<DynamicTest> theTextSaysWhatHappens() throws IOException {
        Map<Cell, String> cells = read(text());
        assertThat(cells).hasSize(Anomaly.values().length * LEVELS.size() * DATABASES.size());
        return cells.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey().toString(),
                        () -> assertThat(entry.getValue())
                                .isEqualTo(entry.getKey().word())));
    }

    /** What the text adds about REPEATABLE READ, and that it is H2's doing. */
    @ParameterizedTest
    @CsvSource({"`mvcc`, REPEATABLE READ, 11", "plain H2 2.5.252, REPEATABLE READ, 11", "`mvcc`, SNAPSHOT, 10"})
    void theSnapshotOfASecondTableMayBeYounger(String database, String level, String seen) {
        Cast cast = CASTS.computeIfAbsent(database, Cell::open);
        for (String table : List.of("TEST", "OTHER")) {
            cast.aside("DROP TABLE IF EXISTS " + table);
            cast.aside("CREATE TABLE " + table + "(ID INT PRIMARY KEY, V INT)");
            cast.aside("INSERT INTO " + table + " VALUES (1, 10)");
        }
        ScriptedRun run = ScriptedRun.of(
                cast,
                level,
                List.of(
                        "1 SELECT V FROM TEST",
                        "2 UPDATE TEST SET V = 11",
                        "2 UPDATE OTHER SET V = 11",
                        "2 COMMIT",
                        "1 SELECT V FROM TEST",
                        "1 SELECT V FROM OTHER",
                        "1 COMMIT"));

        assertThat(run.reads(1)).containsExactly(List.of("10"), List.of("10"), List.of(seen));
    }

    @Test
    void theTablesAreThese() throws IOException {
        StringBuilder tables = new StringBuilder();
        DATABASES.keySet().forEach(database -> tables.append(table(database)));

        assertThat(text()).endsWith(tables);
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("..", "engine", "ANOMALIES.md"));
    }

    private static String table(String database) {
        StringBuilder table = new StringBuilder("\n## ").append(database).append("\n\n| anomaly | what goes wrong |");
        LEVELS.forEach(level -> table.append(' ').append(level).append(" |"));
        table.append("\n| --- | --- |").append(" --- |".repeat(LEVELS.size())).append('\n');
        for (Anomaly anomaly : Anomaly.values()) {
            table.append("| ").append(anomaly.describe()).append(" |");
            LEVELS.forEach(level -> table.append(' ')
                    .append(new Cell(anomaly, database, level).word())
                    .append(" |"));
            table.append('\n');
        }
        return table.toString();
    }

    /** The word in each cell of each table of the text. */
    private static Map<Cell, String> read(String text) {
        Map<Cell, String> cells = new LinkedHashMap<>();
        for (String section : text.split("\n## ")) {
            String database = section.lines().findFirst().orElse("");
            List<String> rows = section.lines()
                    .filter(line -> line.startsWith("| "))
                    .skip(2)
                    .toList();
            for (int i = 0; i < rows.size() && DATABASES.containsKey(database); i++) {
                List<String> columns = new ArrayList<>(List.of(rows.get(i).split("\\|")));
                for (int level = 0; level < LEVELS.size(); level++) {
                    Cell cell = new Cell(Anomaly.values()[i], database, LEVELS.get(level));
                    cells.put(cell, columns.get(level + 3).strip());
                }
            }
        }
        return cells;
    }
}
