package io.mortise.driver.side;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A transaction that reads a snapshot and has changed something reads from the end of an index what it reads from the
 * beginning, the other way round. Plain H2 shows it rows that it has deleted, in a wrong order, and a wrong MAX, or
 * fails with 50200.
 */
@Timeout(120)
final class DescendingReadsTest {
    private static final long SEED = Long.getLong("seed", 7);
    private static final int ROWS = 20;

    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                6, // SNAPSHOT, H2's own
                Connection.TRANSACTION_SERIALIZABLE
            })
    void whatIsReadFromTheEndIsWhatIsThere(int level) throws SQLException {
        for (int game = 0; game < 10; game++) {
            try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:", "sa", "")) {
                play(connection, level, new Random(SEED + game), game % 2 == 0 ? "" : " DESC");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
    void columnsThatAreNotInTheIndexAreThere(int level) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:", "sa", "")) {
            Steps.run(
                    connection,
                    "CREATE TABLE T(ID INT PRIMARY KEY, V INT, W INT, S VARCHAR)",
                    "CREATE INDEX I ON T(V, W)",
                    "INSERT INTO T VALUES (1, 1, 1, 'a'), (2, 1, 3, 'b'), (3, 2, 2, 'c')");
            connection.setTransactionIsolation(level);
            connection.setAutoCommit(false);
            Steps.run(connection, "UPDATE T SET W = 4 WHERE ID = 1");
            assertThat(Steps.rows(connection, "SELECT ID, S FROM T WHERE V = 1 ORDER BY V DESC, W DESC LIMIT 1"))
                    .isEqualTo(Steps.rows(connection, "SELECT ID, S FROM T WHERE ID = 1"));
        }
    }

    private static void play(Connection connection, int level, Random random, String order) throws SQLException {
        Steps.run(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "CREATE INDEX I ON T(V" + order + ")");
        TreeMap<Integer, @Nullable Integer> there = new TreeMap<>();
        for (int id = 0; id < ROWS; id += 2) {
            set(connection, there, id, id % 7 == 0 ? null : id * 3 % 17);
        }
        connection.setTransactionIsolation(level);
        connection.setAutoCommit(false);
        Steps.rows(connection, "SELECT COUNT(*) FROM T");
        for (int step = 0; step < 30; step++) {
            int id = random.nextInt(ROWS);
            switch (random.nextInt(4)) {
                case 0 -> {
                    Steps.run(connection, "DELETE FROM T WHERE ID = " + id);
                    there.remove(id);
                }
                case 1 -> Steps.rows(connection, "SELECT ID FROM T WHERE ID = " + id + " FOR UPDATE");
                default -> set(connection, there, id, random.nextInt(ROWS));
            }
            check(connection, there);
        }
        connection.rollback();
    }

    private static void set(
            Connection connection, TreeMap<Integer, @Nullable Integer> there, int id, @Nullable Integer value)
            throws SQLException {
        Steps.run(connection, "MERGE INTO T KEY(ID) VALUES (" + id + ", " + value + ")");
        there.put(id, value);
    }

    private static void check(Connection connection, TreeMap<Integer, @Nullable Integer> there) throws SQLException {
        List<Integer> ids = List.copyOf(there.descendingKeySet());
        List<Integer> values = there.values().stream()
                .filter(Objects::nonNull)
                .sorted(Collections.reverseOrder())
                .toList();
        answers(connection, "SELECT ID FROM T ORDER BY ID DESC", ids.stream());
        answers(connection, "SELECT MAX(ID) FROM T", Stream.of(first(ids)));
        answers(connection, "SELECT MIN(ID) FROM T", Stream.of(last(ids)));
        answers(connection, "SELECT MAX(V) FROM T", Stream.of(first(values)));
        answers(connection, "SELECT MIN(V) FROM T", Stream.of(last(values)));
        answers(connection, "SELECT V FROM T WHERE V >= 0 ORDER BY V DESC", values.stream());
        answers(
                connection,
                "SELECT ID FROM T WHERE ID BETWEEN 4 AND 12 ORDER BY ID DESC LIMIT 2",
                ids.stream().filter(id -> id >= 4 && id <= 12).limit(2));
    }

    private static String first(List<Integer> all) {
        return all.isEmpty() ? "null" : all.get(0).toString();
    }

    private static String last(List<Integer> all) {
        return all.isEmpty() ? "null" : all.get(all.size() - 1).toString();
    }

    private static void answers(Connection connection, String sql, Stream<?> wanted) throws SQLException {
        assertThat(Steps.rows(connection, sql))
                .as("%s, -Dseed=%d", sql, SEED)
                .isEqualTo(wanted.map(value -> value + "\n").collect(Collectors.joining()));
    }
}
