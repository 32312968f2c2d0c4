package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A subquery that is the same for each row is read once in a statement, at every level: otherwise two thousand rows
 * cost four million. And it is read in each statement: where reading locks or notes, a result that was there before
 * would do neither.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ReadOnceTest {
    private static final String EVERYWHERE = """
            LOCK_POLICY=mvcc,         READ COMMITTED,  TRUE
            LOCK_POLICY=mvcc,         REPEATABLE READ, TRUE
            LOCK_POLICY=mvcc,         SNAPSHOT,        TRUE
            LOCK_POLICY=mvcc,         SERIALIZABLE,    TRUE
            SERIALIZABLE_BY=LOCKS,    SERIALIZABLE,    TRUE
            LOCK_POLICY=kognitio,     READ COMMITTED,  TRUE
            LOCK_POLICY=kognitio,     SERIALIZABLE,    TRUE
            LOCK_POLICY=sqream,       READ COMMITTED,  TRUE
            LOCK_POLICY=mvcc,         READ COMMITTED,  FALSE
            LOCK_POLICY=mvcc,         REPEATABLE READ, FALSE
            LOCK_POLICY=mvcc,         SNAPSHOT,        FALSE
            LOCK_POLICY=mvcc,         SERIALIZABLE,    FALSE
            SERIALIZABLE_BY=LOCKS,    SERIALIZABLE,    FALSE
            LOCK_POLICY=kognitio,     READ COMMITTED,  FALSE
            LOCK_POLICY=kognitio,     SERIALIZABLE,    FALSE
            LOCK_POLICY=sqream,       READ COMMITTED,  FALSE
            """;
    private static final String LOCKING = """
            SERIALIZABLE_BY=LOCKS,    SERIALIZABLE,    TRUE
            LOCK_POLICY=kognitio,     SERIALIZABLE,    TRUE
            SERIALIZABLE_BY=LOCKS,    SERIALIZABLE,    FALSE
            LOCK_POLICY=kognitio,     SERIALIZABLE,    FALSE
            """;
    private static final int ROWS = 20;

    private static final List<String> STATEMENTS = List.of(
            "SELECT COUNT(*) FROM T WHERE K >= (SELECT MIN(CALLED(V)) FROM S)",
            "SELECT COUNT(*) FROM T WHERE K IN (SELECT CALLED(V) FROM S)",
            "SELECT COUNT(*) FROM T WHERE K NOT IN (SELECT CALLED(V) + 100 FROM SV)",
            "SELECT COUNT(*) FROM T WHERE EXISTS (SELECT 1 FROM SV WHERE CALLED(V) = 20)",
            "SELECT SUM((SELECT MIN(CALLED(V)) FROM (SELECT V FROM S LIMIT 99) Q)) FROM T",
            "UPDATE T SET A = A + 1 WHERE K >= (SELECT MIN(CALLED(V)) FROM SV)",
            "DELETE FROM T WHERE K < (SELECT MIN(CALLED(V)) FROM S)",
            "INSERT INTO U SELECT K FROM T WHERE K >= (SELECT MIN(CALLED(V)) FROM S)");

    private static final AtomicInteger CALLS = new AtomicInteger();

    private final String name = "jdbc:mortise:mem:once" + UUID.randomUUID();

    /** Counts. H2 calls it by its name. */
    public static final class Counted {
        private Counted() {}

        public static int called(int value) {
            CALLS.incrementAndGet();
            return value;
        }
    }

    private Connection open(String settings, String level, boolean isOwn) throws SQLException {
        Connection connection = DriverManager.getConnection(name + ";LOCK_TIMEOUT=0;" + settings, "sa", "");
        run(
                connection,
                "CREATE ALIAS CALLED DETERMINISTIC FOR '" + Counted.class.getName() + ".called';"
                        + "CREATE TABLE T(K INT PRIMARY KEY, A INT); CREATE TABLE S(V INT); CREATE TABLE U(K INT);"
                        + "CREATE VIEW SV AS SELECT V FROM S WHERE V > 0;"
                        + "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, " + ROWS + ");"
                        + "INSERT INTO S SELECT X FROM SYSTEM_RANGE(1, " + ROWS + ");"
                        + "SET OWN_COMMAND " + isOwn + ";"
                        + "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
        connection.setAutoCommit(false);
        return connection;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int callsOf(PreparedStatement statement) throws SQLException {
        CALLS.set(0);
        if (statement.execute()) {
            try (ResultSet rows = statement.getResultSet()) {
                assertThat(rows.next()).isTrue();
            }
        }
        return CALLS.get();
    }

    @ParameterizedTest
    @CsvSource(textBlock = EVERYWHERE)
    void aSubqueryIsReadOnceInAStatement(String settings, String level, boolean isOwn) throws SQLException {
        try (Connection connection = open(settings, level, isOwn)) {
            for (String sql : STATEMENTS) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    assertThat(callsOf(statement)).as(sql).isBetween(1, ROWS);
                    assertThat(callsOf(statement)).as("again: " + sql).isBetween(0, ROWS);
                    connection.commit();
                    assertThat(callsOf(statement)).as("later: " + sql).isBetween(0, ROWS);
                    connection.rollback();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = LOCKING)
    void whatAnEarlierTransactionHasReadIsLockedAgain(String settings, String level, boolean isOwn)
            throws SQLException {
        try (Connection connection = open(settings, level, isOwn);
                Connection other = DriverManager.getConnection(name, "sa", "")) {
            run(other, "SET LOCK_TIMEOUT 0");
            for (String sql : STATEMENTS) {
                try (PreparedStatement statement = connection.prepareStatement(sql)) {
                    assertThatItLocks(statement, other);
                    connection.rollback();
                    assertThatItLocks(statement, other);
                    connection.rollback();
                }
            }
        }
    }

    private static void assertThatItLocks(PreparedStatement statement, Connection other) throws SQLException {
        callsOf(statement);
        assertThatThrownBy(() -> run(other, "UPDATE S SET V = V"))
                .as(statement.toString())
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYT00"));
    }
}
