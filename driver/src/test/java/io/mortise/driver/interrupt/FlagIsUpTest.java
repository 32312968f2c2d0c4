package io.mortise.driver.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.StatementEndedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.h2.api.DatabaseEventListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The thread was interrupted before the call: the call does what it does, and the flag is up afterwards. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class FlagIsUpTest {
    /** Little of it stays in the cache, and each commit is written. */
    private static final String SETTINGS = ";WRITE_DELAY=0;CACHE_SIZE=256;LOCK_TIMEOUT=60000";

    private static final int ROWS = 3_000;
    private static final Map<String, Call> CALLS = calls();

    @TempDir
    Path folder;

    private interface Call {
        void make(Connection connection) throws SQLException;
    }

    @AfterEach
    void noFlagIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    static Stream<String> names() {
        return CALLS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aCallDoesWhatItDoes(String name) throws SQLException {
        try (Connection other = open("file:");
                Connection connection = open("file:")) {
            fill(other);
            connection.setAutoCommit(false);
            run(connection, "UPDATE R SET P = P || 'y' WHERE ID > " + (ROWS - 500));

            interrupted(() -> Objects.requireNonNull(CALLS.get(name)).make(connection));

            run(other, "INSERT INTO R(ID) VALUES(-1)");
            assertThat(number(other, "SELECT COUNT(*) FROM R WHERE ID >= 0 AND ID < " + ROWS))
                    .isEqualTo(ROWS);
        }
        assertThat(reopenedByH2()).isGreaterThanOrEqualTo(ROWS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "nio:", "split:", "retry:", "nioMapped:", "async:", "mem:"})
    void sessionsWriteInEveryKindOfDatabase(String prefix) throws SQLException {
        try (Connection other = open(prefix)) {
            fill(other);
            interrupted(() -> {
                try (Connection connection = open(prefix)) {
                    run(connection, "UPDATE R SET P = P || 'y'");
                    connection.setAutoCommit(false);
                    run(connection, "DELETE FROM R WHERE ID < 100");
                    connection.rollback();
                    run(connection, "DELETE FROM R WHERE ID < 10");
                    connection.commit();
                }
            });
            assertThat(number(other, "SELECT COUNT(*) FROM R WHERE P LIKE '%y'"))
                    .isEqualTo(ROWS - 10);
        }
    }

    @Test
    void anEncryptedFileIsWrittenToo() throws SQLException {
        String url = url("file:") + ";CIPHER=AES";
        try (Connection other = DriverManager.getConnection(url, "sa", "file sa")) {
            fill(other);
            interrupted(() -> {
                run(other, "UPDATE R SET P = P || 'y'");
                run(other, "CHECKPOINT SYNC");
            });
            assertThat(number(other, "SELECT COUNT(*) FROM R WHERE P LIKE '%y'"))
                    .isEqualTo(ROWS);
        }
    }

    @Test
    void aWaitForALockEndsAtOnce() throws SQLException {
        try (Connection holder = open("file:");
                Connection waiter = open("file:")) {
            fill(holder);
            holder.setAutoCommit(false);
            run(holder, "UPDATE R SET P = 'h' WHERE ID = 1");
            waiter.setAutoCommit(false);
            run(waiter, "UPDATE R SET P = 'w' WHERE ID = 2");

            interrupted(() -> assertThatThrownBy(() -> run(waiter, "UPDATE R SET P = 'w' WHERE ID = 1"))
                    .isInstanceOfSatisfying(StatementEndedException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("57014");
                        assertThat(e.reason()).isEqualTo(StatementEndedException.Reason.INTERRUPTED);
                    }));
            interrupted(waiter::commit);

            holder.commit();
            assertThat(number(holder, "SELECT COUNT(*) FROM R WHERE P IN ('h', 'w')"))
                    .isEqualTo(2);
        }
    }

    @Test
    void theLastCloseLeavesAWholeFile() throws SQLException {
        Connection only = open("file:");
        fill(only);
        interrupted(only::close);
        assertThat(reopenedByH2()).isEqualTo(ROWS);
    }

    /** H2's closing interrupts its thread: at that moment no gate holds it back any more. */
    public static final class InterruptingListener implements DatabaseEventListener {
        @Override
        public void closingDatabase() {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anInterruptInTheMiddleOfTheLastCloseIsOnlyAFlag() throws SQLException {
        Connection only = open("file:");
        fill(only);
        run(only, "SET DATABASE_EVENT_LISTENER '" + InterruptingListener.class.getName() + "'");
        try {
            only.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(only.isClosed()).isTrue();
        assertThat(reopenedByH2()).isEqualTo(ROWS);
        try (Connection again = open("file:")) {
            assertThat(number(again, "SELECT COUNT(*) FROM R")).isEqualTo(ROWS);
        }
    }

    @Test
    void shutdownCompactDoesNotMindIt() throws SQLException {
        Connection only = open("file:");
        fill(only);
        interrupted(() -> run(only, "SHUTDOWN COMPACT"));
        only.close();
        assertThat(reopenedByH2()).isEqualTo(ROWS);
    }

    private interface Calls {
        void make() throws SQLException;
    }

    private static void interrupted(Calls calls) throws SQLException {
        boolean isUp;
        Thread.currentThread().interrupt();
        try {
            calls.make();
        } finally {
            isUp = Thread.interrupted();
        }
        assertThat(isUp).as("the flag after the call").isTrue();
    }

    private static Map<String, Call> calls() {
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("commit", Connection::commit);
        calls.put("rollback", Connection::rollback);
        calls.put("close", Connection::close);
        calls.put("setAutoCommit", connection -> connection.setAutoCommit(true));
        calls.put("execute", connection -> run(connection, "UPDATE R SET P = P || 'z' WHERE ID < 1000"));
        calls.put("scan", connection -> number(connection, "SELECT SUM(LENGTH(P)) FROM R"));
        calls.put("sort", connection -> run(connection, "SELECT * FROM R ORDER BY P, ID DESC"));
        calls.put("batch", FlagIsUpTest::batch);
        calls.put("savepoint", FlagIsUpTest::savepoint);
        calls.put("read a result", FlagIsUpTest::readResult);
        calls.put("update a result", FlagIsUpTest::updateResult);
        calls.put("a large object", FlagIsUpTest::largeObject);
        calls.put(
                "metadata",
                connection -> connection
                        .getMetaData()
                        .getTables(null, null, "%", null)
                        .close());
        calls.put("setTransactionIsolation", connection -> {
            connection.rollback();
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            run(connection, "SELECT * FROM R");
            connection.commit();
        });
        calls.put("create table", connection -> run(connection, "CREATE TABLE T2 AS SELECT * FROM R"));
        calls.put("alter table", connection -> run(connection, "ALTER TABLE R ADD COLUMN C INT DEFAULT 1 BEFORE P"));
        calls.put("checkpoint", connection -> run(connection, "CHECKPOINT SYNC"));
        calls.put("set write delay", connection -> run(connection, "SET WRITE_DELAY 100"));
        calls.put("isValid", connection -> connection.isValid(1));
        return calls;
    }

    private static void batch(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO R VALUES(?, SPACE(2000))")) {
            for (int i = 0; i < 500; i++) {
                insert.setInt(1, ROWS + 1 + i);
                insert.addBatch();
            }
            insert.executeBatch();
        }
        connection.commit();
    }

    private static void savepoint(Connection connection) throws SQLException {
        Savepoint savepoint = connection.setSavepoint();
        run(connection, "UPDATE R SET P = 'z' WHERE ID < 1000");
        connection.rollback(savepoint);
        connection.commit();
    }

    private static void readResult(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(1);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM R")) {
                int count = 0;
                while (rows.next()) {
                    count += rows.getString(2) == null ? 0 : 1;
                }
                assertThat(count).isEqualTo(ROWS);
            }
        }
    }

    private static void updateResult(Connection connection) throws SQLException {
        try (Statement statement =
                        connection.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE);
                ResultSet rows = statement.executeQuery("SELECT ID, P FROM R WHERE ID < 100")) {
            while (rows.next()) {
                rows.updateString(2, "z".repeat(1000));
                rows.updateRow();
            }
        }
        connection.commit();
    }

    private static void largeObject(Connection connection) throws SQLException {
        run(connection, "CREATE TABLE L(B BLOB)");
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO L VALUES(?)")) {
            insert.setBinaryStream(1, new java.io.ByteArrayInputStream(new byte[300_000]));
            insert.executeUpdate();
        }
        connection.commit();
        assertThat(number(connection, "SELECT LENGTH(B) FROM L")).isEqualTo(300_000);
    }

    private static void fill(Connection connection) throws SQLException {
        run(connection, "CREATE TABLE R(ID INT PRIMARY KEY, P VARCHAR)");
        run(connection, "INSERT INTO R SELECT X - 1, RPAD('x', 1500) || X FROM SYSTEM_RANGE(1, " + ROWS + ")");
    }

    private String url(String prefix) {
        return "jdbc:mortise:h2:" + prefix + folder.resolve("db") + SETTINGS;
    }

    private Connection open(String prefix) throws SQLException {
        return DriverManager.getConnection(url(prefix), "sa", "");
    }

    private long reopenedByH2() throws SQLException {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:" + folder.resolve("db"), "sa", "")) {
            return number(plain, "SELECT COUNT(*) FROM R");
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
