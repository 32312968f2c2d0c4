package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a branch that a crash has left prepared has changed: whoever meets it waits for it, and is told its name. */
@Timeout(60)
final class BranchInDoubtTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private String url = "";

    @SuppressWarnings("NullAway.Init")
    private Connection connection;

    @BeforeEach
    void leaveOneInDoubt() throws SQLException {
        url = "jdbc:mortise:file:" + folder.resolve("db");
        try (Connection branch = DriverManager.getConnection(url, "SA", "");
                Connection crash = DriverManager.getConnection(url, "SA", "")) {
            execute(branch, "CREATE TABLE P(ID INT PRIMARY KEY, U INT UNIQUE, V INT)");
            execute(branch, "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P ON DELETE CASCADE)");
            execute(branch, "CREATE TABLE R(ID INT PRIMARY KEY, P INT REFERENCES P)");
            execute(branch, "INSERT INTO P VALUES(1, 1, 0), (2, 2, 0), (4, 4, 0), (5, 5, 0)");
            branch.setAutoCommit(false);
            execute(branch, "UPDATE P SET V = 1 WHERE ID = 1");
            execute(branch, "DELETE FROM P WHERE ID = 5");
            execute(branch, "INSERT INTO P VALUES(3, 3, 0)");
            execute(branch, "INSERT INTO C VALUES(1, 2)");
            execute(branch, "INSERT INTO R VALUES(1, 4)");
            execute(branch, "PREPARE COMMIT \"X{0}\"");
            assertThatThrownBy(() -> {
                execute(crash, "SHUTDOWN IMMEDIATELY");
                execute(crash, "CALL 1");
            });
        } catch (SQLException e) {
            assertThat((Throwable) e).hasMessageContaining("closed"); // the close of what has crashed
        }
        connection = DriverManager.getConnection(url, "SA", "");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private static void execute(Connection by, String sql) throws SQLException {
        try (Statement statement = by.createStatement()) {
            if (statement.execute(sql)) {
                ResultSet rows = statement.getResultSet();
                while (rows.next()) {
                    assertThat(rows.getObject(1)).isNotNull();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE P SET V = 2 WHERE ID = 1",
                "DELETE FROM P WHERE ID = 1",
                "SELECT * FROM P WHERE ID = 1 FOR UPDATE",
                "SELECT * FROM P WHERE ID = 1 FOR UPDATE NOWAIT",
                "SELECT * FROM P WHERE ID = 1 FOR UPDATE WAIT 0.05",
                "SELECT * FROM P WHERE ID = 1 FOR SHARE",
                "INSERT INTO P VALUES(3, 7, 0)",
                "INSERT INTO P VALUES(7, 3, 0)",
                "UPDATE P SET U = 3 WHERE ID = 2",
                "MERGE INTO P KEY(ID) VALUES(3, 3, 3)",
                "MERGE INTO P KEY(ID) VALUES(5, 5, 3)",
                "INSERT INTO R VALUES(9, 5)",
                "DELETE FROM P WHERE ID = 2",
                "DELETE FROM P WHERE ID = 4",
                "UPDATE P SET ID = 9 WHERE ID = 4",
                "ALTER TABLE P ADD Z INT",
                "DROP TABLE C"
            })
    void whoMeetsItIsToldItsName(String sql) throws SQLException {
        execute(connection, "SET LOCK_TIMEOUT 50");

        SQLException refused = catchThrowableOfType(SQLException.class, () -> execute(connection, sql));

        assertThat(refused.getErrorCode()).isEqualTo(50200);
        assertThat(refused.getSQLState()).isEqualTo("HYT00");
        assertThat((Throwable) refused)
                .hasMessageMatching(
                        "(?s)(Not waited|Timeout after \\d+ ms): (row|table|unique key|the key of row) [PCR][^\n]* is held by"
                                + " branch \"X\\{0}\" in doubt [^\n]*\n.*");
    }

    @ParameterizedTest
    @CsvSource({
        "COMMIT TRANSACTION \"X{0}\", INSERT INTO P VALUES(3; 7; 0), 23505",
        "ROLLBACK TRANSACTION \"X{0}\", INSERT INTO P VALUES(3; 7; 0), 0",
        "COMMIT TRANSACTION \"X{0}\", DELETE FROM P WHERE ID = 4, 23503",
        "ROLLBACK TRANSACTION \"X{0}\", DELETE FROM P WHERE ID = 4, 0",
        "COMMIT TRANSACTION \"X{0}\", DELETE FROM P WHERE ID = 2, 0",
        "COMMIT TRANSACTION \"X{0}\", INSERT INTO R VALUES(9; 5), 23506",
        "ROLLBACK TRANSACTION \"X{0}\", INSERT INTO R VALUES(9; 5), 0",
        "COMMIT TRANSACTION \"X{0}\", UPDATE P SET V = 2 WHERE ID = 1, 0",
    })
    void whoWaitsForItGoesOnWhenItEnds(String end, String sql, int code) throws Exception {
        execute(connection, "SET LOCK_TIMEOUT 50000");

        CompletableFuture<Integer> answer = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        execute(connection, sql.replace(';', ','));
                        return 0;
                    } catch (SQLException e) {
                        return e.getErrorCode();
                    }
                },
                step -> new Thread(step, "asks").start());
        try (Connection other = DriverManager.getConnection(url, "SA", "")) {
            execute(other, end);
        }

        assertThat(answer.get(50, TimeUnit.SECONDS)).isEqualTo(code);
        assertThat(orphans()).isZero();
    }

    @Test
    void aSerializableTransactionIsRefusedWhatTheBranchHasChangedAndToldItsName() throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);

        assertThatThrownBy(() -> execute(connection, "SELECT COUNT(*) FROM P"))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("40001"))
                .hasMessageContaining("X{0}");

        execute(connection, "ROLLBACK TRANSACTION \"X{0}\"");
        execute(connection, "SELECT COUNT(*) FROM P");
        connection.commit();
    }

    /** What the branch has missed nobody knows, so no snapshot beside it is safe. */
    @Test
    void aReportThatIsNeverRefusedWaitsForTheBranch() throws SQLException {
        try (Connection report =
                DriverManager.getConnection(url + ";READ_ONLY=TRUE;DEFERRABLE=TRUE;LOCK_TIMEOUT=0", "SA", "")) {
            report.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            report.setAutoCommit(false);

            assertThatThrownBy(() -> execute(report, "SELECT COUNT(*) FROM P"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            error -> assertThat(error.getSQLState()).isEqualTo("HYT00"))
                    .hasMessageContaining("is still open in branch \"X{0}\" in doubt");

            execute(connection, "COMMIT TRANSACTION \"X{0}\"");
            execute(report, "SELECT COUNT(*) FROM P");
            report.commit();
        }
    }

    @Test
    void aParentOfItsRowsStays() throws SQLException {
        execute(connection, "SET LOCK_TIMEOUT 50");

        assertThatThrownBy(() -> execute(connection, "DELETE FROM P WHERE ID IN(2, 4)"))
                .hasMessageContaining("branch");
        execute(connection, "COMMIT TRANSACTION \"X{0}\"");

        assertThat(orphans()).isZero();
    }

    private long orphans() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT (SELECT COUNT(*) FROM C WHERE P NOT IN(SELECT ID FROM P))"
                                + " + (SELECT COUNT(*) FROM R WHERE P NOT IN(SELECT ID FROM P))")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
