package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The disk is full, the file is gone or may not be written to: the database says so, and what was acknowledged is
 * there.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class FailingFileTest {
    @TempDir
    Path folder;

    @BeforeEach
    void aDiskThatCanBeFull() {
        TightPath.mount();
    }

    @Test
    void aDiskThatIsFullCostsNothingThatWasAcknowledged() throws Exception {
        Connection connection = open("tight:", ";WRITE_DELAY=0");
        int acknowledged;
        try (Statement statement = connection.createStatement()) {
            create(statement);
            TightPath.setRoom(1_000_000);
            acknowledged = insertUntilItFails(statement);
            assertThatThrownBy(() -> statement.execute("INSERT INTO R(P) VALUES('again')"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> count(connection)).isInstanceOf(SQLException.class);
        } finally {
            TightPath.setRoom(Long.MAX_VALUE);
            TightPath.close(connection);
        }
        try (Connection again = open("tight:", ";WRITE_DELAY=0")) {
            assertThat(count(again)).isBetween((long) acknowledged, acknowledged + 1L);
            assertThatCode(() -> again.createStatement().execute("INSERT INTO R(P) VALUES('more')"))
                    .doesNotThrowAnyException();
        }
        try (Connection plain = DriverManager.getConnection("jdbc:h2:" + folder.resolve("db"), "sa", "")) {
            assertThat(count(plain)).isBetween(acknowledged + 1L, acknowledged + 2L);
        }
    }

    private static int insertUntilItFails(Statement statement) {
        int acknowledged = 0;
        try {
            while (true) {
                statement.execute("INSERT INTO R(P) VALUES(RANDOM_UUID() || REPEAT('x', 3000))");
                acknowledged++;
            }
        } catch (SQLException e) {
            assertThat((Throwable) e).hasStackTraceContaining(TightPath.FULL);
            return acknowledged;
        }
    }

    @Test
    void whoeverWaitsForALockThenHearsOfTheDiskAndNotOfTheHolder() throws Exception {
        Connection holder = open("tight:", ";WRITE_DELAY=0;LOCK_TIMEOUT=100000");
        Connection writer = open("tight:", "");
        Connection waiter = open("tight:", "");
        try (Statement statement = writer.createStatement()) {
            create(statement);
            statement.execute("INSERT INTO R(P) VALUES('first')");
            holder.setAutoCommit(false);
            holder.createStatement().execute("UPDATE R SET P = 'held' WHERE ID = 1");
            CompletableFuture<Boolean> wait =
                    CompletableFuture.supplyAsync(() -> update(waiter), step -> new Thread(step, "waiter").start());
            assertWaits(writer);

            TightPath.setRoom(1_000_000);
            insertUntilItFails(statement);

            assertThatThrownBy(wait::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining(TightPath.FULL)
                    .rootCause()
                    .isNotInstanceOf(java.sql.SQLTimeoutException.class);
            assertThatThrownBy(holder::commit).isInstanceOf(SQLException.class);
        } finally {
            TightPath.setRoom(Long.MAX_VALUE);
            TightPath.close(holder);
            TightPath.close(writer);
            TightPath.close(waiter);
        }
        assertThat(folder.resolve("db.mortise.who")).doesNotExist();
    }

    private static boolean update(Connection waiter) {
        try {
            return waiter.createStatement().execute("UPDATE R SET P = 'waited' WHERE ID = 1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertWaits(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            boolean waits = false;
            while (!waits) { // A statement each time, until the other thread has come so far.
                try (ResultSet rows = statement.executeQuery("SELECT * FROM SYS.LOCK_WAITS")) {
                    waits = rows.next();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:h2:", "jdbc:mortise:"})
    void aFileThatIsDeletedBeneathGoesOnToTheEnd(String driver) throws Exception {
        String url = driver + "file:" + folder.resolve("db");
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            create(statement);
            statement.execute("INSERT INTO R(P) SELECT SPACE(2000) FROM SYSTEM_RANGE(1, 2000)");
            statement.execute("CHECKPOINT SYNC");
            Files.delete(folder.resolve("db.mv.db"));
            statement.execute("INSERT INTO R(P) VALUES('more')");
            statement.execute("CHECKPOINT SYNC");
            try (Connection joined = DriverManager.getConnection(url, "sa", "")) {
                assertThat(count(joined)).isEqualTo(2001);
            }
        }
        try (Connection anew = DriverManager.getConnection(url, "sa", "");
                Statement statement = anew.createStatement()) {
            create(statement); // The name is free, and nothing of the old one is in the way.
            assertThat(count(anew)).isZero();
        }
    }

    @Test
    void aReadOnlyDatabaseIsReadAndLeavesNothingBeside() throws Exception {
        try (Connection connection = open("file:", "");
                Statement statement = connection.createStatement()) {
            create(statement);
            statement.execute("INSERT INTO R(P) VALUES('first')");
        }
        byte[] before = Files.readAllBytes(folder.resolve("db.mv.db"));
        try (Connection reader = open("file:", ";ACCESS_MODE_DATA=r");
                Statement statement = reader.createStatement()) {
            assertThat(count(reader)).isEqualTo(1);
            assertThatThrownBy(() -> statement.execute("INSERT INTO R(P) VALUES('second')"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getErrorCode()).isEqualTo(90097));
            statement.execute("CREATE LOCAL TEMPORARY TABLE L(ID INT)");
        }
        assertThat(folder.resolve("db.mv.db")).hasBinaryContent(before);
        assertThat(folder.toFile().list()).containsExactly("db.mv.db");
    }

    private Connection open(String prefix, String settings) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:h2:" + prefix + folder.resolve("db") + settings, "sa", "");
    }

    private static void create(Statement statement) throws SQLException {
        statement.execute("CREATE TABLE R(ID IDENTITY PRIMARY KEY, P VARCHAR)");
    }

    private static long count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM R")) {
            result.next();
            return result.getLong(1);
        }
    }
}
