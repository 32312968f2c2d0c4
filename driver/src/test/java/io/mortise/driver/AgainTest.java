package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A prepared statement answers anew each time that it is run, also if it has stopped in the middle before: at a LIMIT,
 * at an error, at a row that another has locked. H2 goes on where it has stopped.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class AgainTest {
    private static final String EVERYWHERE = """
            mvcc,     READ COMMITTED
            mvcc,     SERIALIZABLE
            kognitio, READ COMMITTED
            kognitio, SERIALIZABLE
            sqream,   READ COMMITTED
            """;
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final int database = DATABASES.incrementAndGet();

    private Connection open(String policy, String level) throws SQLException {
        Connection connection = DriverManager.getConnection(
                "jdbc:mortise:mem:again" + database + ";LOCK_TIMEOUT=0;LOCK_POLICY=" + policy, "sa", "");
        run(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
        return connection;
    }

    private Connection openWithRows(String policy, String level) throws SQLException {
        Connection connection = open(policy, level);
        run(
                connection,
                "CREATE TABLE T(K INT PRIMARY KEY, A INT); CREATE INDEX T_A ON T(A);"
                        + " INSERT INTO T SELECT X, MOD(X, 3) FROM SYSTEM_RANGE(1, 9)");
        return connection;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<Integer> numbers(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        List<Integer> numbers = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
        }
        return numbers;
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERYWHERE)
    void aListBeginsAnewAfterALimit(String policy, String level) throws SQLException {
        try (Connection connection = openWithRows(policy, level);
                PreparedStatement query = connection.prepareStatement("SELECT K FROM T WHERE A IN (?, ?) LIMIT ?");
                PreparedStatement change =
                        connection.prepareStatement("UPDATE T SET A = A WHERE A IN (0, 1) LIMIT ?")) {
            for (int i = 0; i < 2; i++) {
                assertThat(numbers(query, 0, 1, 1)).containsExactly(3);
                assertThat(numbers(query, 0, 2, 9)).containsExactly(3, 6, 9, 2, 5, 8);
                change.setInt(1, 2);
                assertThat(change.executeUpdate()).isEqualTo(2);
                change.setInt(1, 9);
                assertThat(change.executeUpdate()).isEqualTo(6);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERYWHERE)
    void aListBeginsAnewAfterARowThatWasLocked(String policy, String level) throws SQLException {
        try (Connection connection = openWithRows(policy, level);
                Connection other = open(policy, level);
                PreparedStatement change = connection.prepareStatement("UPDATE T SET A = A WHERE A IN (0, 1)")) {
            assertThat(change.executeUpdate()).isEqualTo(6);
            other.setAutoCommit(false);
            run(other, "UPDATE T SET A = 0 WHERE K = 6");
            assertThatThrownBy(change::executeUpdate).isInstanceOf(SQLException.class);
            other.rollback();

            assertThat(change.executeUpdate()).isEqualTo(6);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERYWHERE)
    void aRecursiveQueryBeginsAnewAfterAnError(String policy, String level) throws SQLException {
        String recursive = "WITH RECURSIVE R(N) AS (SELECT CAST(? AS INT) UNION ALL"
                + " SELECT N - 1 FROM R WHERE 10 / (N - 5) < 0 AND N > 0) SELECT N FROM R ORDER BY N";
        try (Connection connection = open(policy, level);
                PreparedStatement query = connection.prepareStatement(recursive);
                PreparedStatement within = connection.prepareStatement("SELECT COUNT(*) FROM (" + recursive + ") Q")) {
            for (int i = 0; i < 3; i++) {
                if (i == 2) {
                    run(connection, "CREATE TABLE OTHER(ID INT)"); // So both are read anew, and then fail.
                }
                assertThatThrownBy(() -> numbers(query, 5)).hasMessageContaining("Division by zero");
                assertThat(numbers(query, 3)).containsExactly(0, 1, 2, 3);
                assertThatThrownBy(() -> numbers(within, 5)).hasMessageContaining("Division by zero");
                assertThat(numbers(within, 3)).containsExactly(4);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERYWHERE)
    void aRecursiveViewBeginsAnewAfterAnError(String policy, String level) throws SQLException {
        try (Connection connection = open(policy, level)) {
            run(
                    connection,
                    "CREATE TABLE START(N INT); INSERT INTO START VALUES (5); CREATE VIEW V AS WITH RECURSIVE R(N) AS"
                            + " (SELECT N FROM START UNION ALL SELECT N - 1 FROM R WHERE 10 / (N - 5) < 0 AND N > 0)"
                            + " SELECT N FROM R");
            try (PreparedStatement query = connection.prepareStatement("SELECT N FROM V ORDER BY N")) {
                assertThatThrownBy(() -> numbers(query)).hasMessageContaining("Division by zero");
                run(connection, "UPDATE START SET N = 2");

                assertThat(numbers(query)).containsExactly(0, 1, 2);
            }
        }
    }

    private static final String SNAPSHOTS = """
            REPEATABLE READ, TRUE
            SNAPSHOT,        TRUE
            SERIALIZABLE,    TRUE
            REPEATABLE READ, FALSE
            SNAPSHOT,        FALSE
            SERIALIZABLE,    FALSE
            """;

    private static final List<String> COUNTS = List.of(
            "SELECT COUNT(*) FROM T WHERE A > 0",
            "SELECT COUNT(*) FROM V",
            "SELECT COUNT(*) FROM (SELECT K FROM T WHERE A > 0 LIMIT 99) Q",
            "SELECT 6 + CASE WHEN EXISTS (SELECT 1 FROM T WHERE K = 10) THEN 1 ELSE 0 END",
            "SELECT 6 + CASE WHEN 10 IN (SELECT K FROM V) THEN 1 ELSE 0 END",
            "SELECT (SELECT COUNT(*) FROM T WHERE A > 0)");

    @ParameterizedTest
    @CsvSource(textBlock = SNAPSHOTS)
    void aSnapshotIsForgottenAfterARollBack(String level, boolean isOwn) throws SQLException {
        for (String count : COUNTS) {
            try (Connection connection = openWithView(level, isOwn);
                    Connection other = open("mvcc", "READ COMMITTED");
                    PreparedStatement query = connection.prepareStatement(count);
                    PreparedStatement now = other.prepareStatement(count)) {
                connection.setAutoCommit(false);
                run(connection, "SELECT * FROM T WHERE K = 1");
                run(other, "INSERT INTO T VALUES (10, 1)");
                assertThat(numbers(now)).containsExactly(7);
                assertThat(numbers(query)).as(count).containsExactly(6);
                connection.rollback();

                assertThat(numbers(query)).as(count).containsExactly(7);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = SNAPSHOTS)
    void aSnapshotIsForgottenAtReadCommitted(String level, boolean isOwn) throws SQLException {
        for (String count : COUNTS) {
            try (Connection connection = openWithView(level, isOwn);
                    Connection other = open("mvcc", "READ COMMITTED");
                    PreparedStatement query = connection.prepareStatement(count);
                    PreparedStatement again = connection.prepareStatement("SELECT * FROM (" + count + ") R")) {
                connection.setAutoCommit(false);
                run(connection, "SELECT * FROM T WHERE K = 1");
                run(other, "INSERT INTO T VALUES (10, 1)");
                assertThat(numbers(query)).as(count).containsExactly(6);
                assertThat(numbers(again)).as(count).containsExactly(6);
                connection.rollback(); // A pool does so, in this order, when it gets its connection back.
                connection.setAutoCommit(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);

                assertThat(numbers(again)).as(count).containsExactly(7);
                assertThat(numbers(query)).as(count).containsExactly(7);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"TRUE", "FALSE"})
    void whatWasReadBelowSerializableIsReadAnew(boolean isOwn) throws SQLException {
        for (String count : COUNTS) {
            try (Connection reader = openWithView("READ COMMITTED", isOwn);
                    Connection writer = open("mvcc", "SERIALIZABLE");
                    PreparedStatement query = reader.prepareStatement(count)) {
                assertThat(numbers(query)).containsExactly(6);
                reader.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                reader.setAutoCommit(false);
                writer.setAutoCommit(false);
                assertThat(numbers(query)).containsExactly(6);
                run(writer, "SELECT * FROM OTHER");
                run(reader, "INSERT INTO OTHER VALUES (1)");
                assertThatThrownBy(() -> {
                            run(writer, "INSERT INTO T VALUES (10, 1)");
                            reader.commit();
                            writer.commit();
                        })
                        .as(count)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("40001"));
                reader.rollback();
                writer.rollback();
            }
        }
    }

    private Connection openWithView(String level, boolean isOwn) throws SQLException {
        Connection connection = openWithRows("mvcc", level);
        run(connection, "SET OWN_COMMAND " + isOwn);
        run(connection, "CREATE VIEW V AS SELECT * FROM T WHERE A > 0; CREATE TABLE OTHER(ID INT)");
        return connection;
    }
}
