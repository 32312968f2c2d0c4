package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a definition has done is in memory and in the file, or in neither, whatever is rolled back after it. */
@Timeout(60)
final class RolledBackDefinitionTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:" + folder.resolve("db"), "sa", "");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(Connection connection, String from) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + from)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @BeforeEach
    void fill() throws SQLException {
        try (Connection connection = open()) {
            run(connection, "CREATE TABLE T(ID INT, V INT DEFAULT 0)");
            run(connection, "INSERT INTO T(ID) VALUES(1)");
        }
    }

    private static final String COPIES = "ALTER TABLE T ADD COLUMN W INT";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EXECUTE IMMEDIATE 'CREATE TABLE MADE(ID INT)'",
                "EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''CREATE TABLE MADE(ID INT)'''",
                "PREPARE P AS CREATE TABLE MADE(ID INT); EXECUTE P",
                "PREPARE P AS EXECUTE IMMEDIATE 'CREATE TABLE MADE(ID INT)'; EXECUTE P",
                "PREPARE P AS CREATE TABLE MADE(ID INT); PREPARE Q AS EXECUTE P; EXECUTE Q",
                "PREPARE P AS CREATE TABLE MADE(ID INT); EXECUTE IMMEDIATE 'EXECUTE P'",
                "CREATE TABLE MADE(ID INT)"
            })
    void aTableThatWasMadeKeepsItsRows(String sql) throws SQLException {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO T(ID) VALUES(2)");
            run(connection, sql);
            connection.rollback();
            assertThat(count(connection, "T")).isEqualTo(2);
            run(connection, "INSERT INTO MADE VALUES(7)");
            connection.commit();
        }
        try (Connection connection = open()) {
            assertThat(count(connection, "MADE")).isEqualTo(1);
            assertThat(count(connection, "T")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXECUTE IMMEDIATE '" + COPIES + "'", "PREPARE P AS " + COPIES + "; EXECUTE P", COPIES})
    void aTableThatWasAlteredKeepsItsRows(String sql) throws SQLException {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO T(ID) VALUES(2)");
            run(connection, sql);
            connection.rollback();
            run(connection, "INSERT INTO T(ID, W) VALUES(3, 3)");
            connection.commit();
        }
        try (Connection connection = open()) {
            assertThat(count(connection, "T")).isEqualTo(3);
        }
    }

    /** What it means is read when it runs, not when it was prepared. */
    @Test
    void aDefinitionThatWasPreparedIsOfTheTableThatIsThere() throws SQLException {
        try (Connection connection = open()) {
            run(connection, "PREPARE P AS " + COPIES);
            run(connection, "PREPARE M AS CREATE TABLE MADE AS SELECT CAST(? AS INT) N FROM T");
            run(connection, "DROP TABLE T");
            run(connection, "CREATE TABLE T(ID INT)");
            run(connection, "INSERT INTO T VALUES(1), (2)");

            run(connection, "EXECUTE P");
            run(connection, "EXECUTE M(7)");

            assertThat(count(connection, "T WHERE W IS NULL")).isEqualTo(2);
            assertThat(count(connection, "MADE WHERE N = 7")).isEqualTo(2);
        }
        try (Connection connection = open()) {
            assertThat(count(connection, "T WHERE W IS NULL")).isEqualTo(2);
            assertThat(count(connection, "MADE WHERE N = 7")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EXECUTE IMMEDIATE '%s'", "PREPARE P AS %s; EXECUTE P"})
    void whatEndsATransactionEndsItFromWithin(String way) throws SQLException {
        try (Connection connection = open();
                Connection other = open()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO T(ID) VALUES(2)");
            run(connection, way.formatted("COMMIT"));
            assertThat(count(other, "T")).isEqualTo(2);
            run(connection, "PREPARE Q AS ROLLBACK");
            run(connection, "INSERT INTO T(ID) VALUES(3)");
            run(connection, "EXECUTE Q");
            run(connection, "INSERT INTO T(ID) VALUES(4)");
            connection.rollback();
            assertThat(count(connection, "T")).isEqualTo(2);
            assertThat(count(other, "SYS.LOCKS")).isZero();
        }
    }

    @Test
    void whatEndsATransactionEndsItFromAText() throws SQLException {
        try (Connection connection = open();
                Connection other = open()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO T(ID) VALUES(2)");
            run(connection, "EXECUTE IMMEDIATE 'COMMIT'");
            assertThat(count(other, "T")).isEqualTo(2);
            run(connection, "INSERT INTO T(ID) VALUES(3)");
            run(connection, "EXECUTE IMMEDIATE 'ROLLBACK'");
            run(connection, "EXECUTE IMMEDIATE 'INSERT INTO T(ID) VALUES(4)'");
            connection.rollback();
            assertThat(count(connection, "T")).isEqualTo(2);
            assertThat(count(other, "SYS.LOCKS")).isZero();
        }
    }

    @Test
    void aTextThatFailsUndoesItselfOnly() throws SQLException {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO T(ID) VALUES(2)");
            assertThatThrownBy(() -> run(connection, "EXECUTE IMMEDIATE 'SELECT 1'"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> run(connection, "EXECUTE IMMEDIATE 'CREATE NONSENSE'"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> run(connection, "EXECUTE IMMEDIATE CAST(NULL AS VARCHAR)"))
                    .isInstanceOf(SQLException.class);
            connection.rollback();
            assertThat(count(connection, "T")).isEqualTo(1);
        }
    }

    /** It was in memory only, and a table that used it made the file one that H2 opened as empty. */
    @ParameterizedTest
    @ValueSource(strings = {"CREATE SEQUENCE SQ", "EXECUTE IMMEDIATE 'CREATE SEQUENCE SQ'", "EXECUTE P"})
    void aSequenceThatWasRolledBackIsGone(String sql) throws SQLException {
        try (Connection connection = open()) {
            connection.setAutoCommit(false);
            for (int round = 0; round < 3; round++) {
                if (sql.startsWith("EXECUTE P")) {
                    run(connection, "PREPARE P AS CREATE SEQUENCE SQ"); // Which commits.
                }
                Savepoint savepoint = connection.setSavepoint();
                run(connection, sql);
                run(connection, "INSERT INTO T VALUES(2, NEXT VALUE FOR SQ)");
                if (round == 1) {
                    connection.rollback(savepoint);
                    connection.commit();
                } else {
                    connection.rollback();
                }
                assertThatThrownBy(() -> run(connection, "CREATE TABLE U(ID INT DEFAULT NEXT VALUE FOR SQ)"))
                        .isInstanceOf(SQLException.class);
            }
            run(connection, "CREATE SEQUENCE SQ");
            run(connection, "CREATE TABLE U(ID INT DEFAULT NEXT VALUE FOR SQ, V INT)");
            connection.rollback();
            run(connection, "INSERT INTO U(V) VALUES(1)");
            connection.commit();
        }
        try (Connection connection = open()) {
            assertThat(count(connection, "T")).isEqualTo(1);
            assertThat(count(connection, "U WHERE ID = 1")).isEqualTo(1);
        }
    }
}
