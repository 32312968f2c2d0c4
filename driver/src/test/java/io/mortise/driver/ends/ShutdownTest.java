package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.api.DatabaseEventListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who is there while a database is shut down, and who comes, is told that it is closed; and what H2 allows then works.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public class ShutdownTest {
    private static final Semaphore RUNNING = new Semaphore(0);
    private static final Semaphore GO_ON = new Semaphore(0);
    private static final List<String> HEARD = new ArrayList<>();

    @TempDir
    Path folder;

    private String url(String prefix) {
        return prefix + folder.resolve("db");
    }

    private static Connection open(String url) throws SQLException {
        return DriverManager.getConnection(url, "SA", "");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String read(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** Called by a statement that is to be running while another session shuts the database down. */
    public static int hold() {
        RUNNING.release();
        GO_ON.acquireUninterruptibly();
        return 1;
    }

    @Test
    void whoComesWhileItIsShutDownHearsThatItIsClosed() throws Exception {
        RUNNING.drainPermits();
        GO_ON.drainPermits();
        String url = url("jdbc:mortise:file:");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Connection busy = open(url);
        run(busy, "CREATE ALIAS HOLD FOR '" + ShutdownTest.class.getName() + ".hold'");
        Future<String> statement = threads.submit(() -> read(busy, "SELECT HOLD()"));
        RUNNING.acquire();
        Connection idle = open(url);
        assertThat(read(idle, "SELECT 1")).isEqualTo("1");
        Connection ending = open(url);

        Future<?> shutdown = threads.submit(() -> {
            run(ending, "SHUTDOWN");
            return null;
        });
        awaitClosed(idle); // H2 has ended the idle session, and waits for the busy one.

        isClosed(() -> open(url).close());
        isClosed(() -> read(idle, "SELECT 1"));
        GO_ON.release();
        assertThatThrownBy(statement::get).hasCauseInstanceOf(SQLNonTransientConnectionException.class);
        shutdown.get();
        try (Connection again = open(url)) {
            assertThat(read(again, "SELECT 1")).isEqualTo("1");
        }
        threads.shutdown();
    }

    @Test
    void aClientOfAnotherProcessHearsTheSame() throws Exception {
        RUNNING.drainPermits();
        GO_ON.drainPermits();
        String url = url("jdbc:mortise:file:") + ";SERVE=tcp:0";
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Connection busy = open(url);
        String port = read(busy, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")
                .replaceAll(".*:", "");
        String served = "jdbc:mortise:h2:tcp://localhost:" + port + "/" + folder.resolve("db");
        run(busy, "CREATE ALIAS HOLD FOR '" + ShutdownTest.class.getName() + ".hold'");
        Connection idle = open(served);
        PreparedStatement prepared = idle.prepareStatement("SELECT 1");
        Connection caller = open(served);
        Future<String> statement = threads.submit(() -> read(busy, "SELECT HOLD()"));
        RUNNING.acquire();
        Connection watched = open(url);
        Connection ending = open(url);

        Future<?> shutdown = threads.submit(() -> {
            run(ending, "SHUTDOWN");
            return null;
        });
        awaitClosed(watched);

        isGone(() -> open(served).close());
        isGone(() -> read(idle, "SELECT 1"));
        isGone(prepared::executeQuery);
        GO_ON.release();
        assertThatThrownBy(statement::get).hasCauseInstanceOf(SQLNonTransientConnectionException.class);
        shutdown.get();
        isGone(() -> open(served).close());
        isGone(() -> read(caller, "SELECT 1"));
        isGone(caller::commit);
        caller.close();
        assertThat(idle.isValid(1)).isFalse();
        assertThat(idle.isClosed()).isTrue();
        threads.shutdown();
    }

    private static void awaitClosed(Connection connection) throws SQLException {
        while (!connection.isClosed()) {
            Thread.onSpinWait();
        }
    }

    /** The server has gone with its database. In no case is it said that another session has that to itself. */
    private static void isGone(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SQLException.class, error -> {
            assertThat(error.getSQLState()).isIn("08001", "08003", "08006", "90121");
            assertThat(error.getErrorCode()).isNotEqualTo(90135);
        });
    }

    private static void isClosed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SQLNonTransientConnectionException.class, error -> {
            assertThat(error.getSQLState()).isEqualTo("08003");
            assertThat(error.getErrorCode()).isIn(90098, 90121);
        });
    }

    /** H2 does nothing for a SHUTDOWN while another session has the database to itself; nor do we. */
    @Test
    void aShutdownThatDoesNotComeAboutLeavesTheLocks() throws SQLException {
        try (Connection first = open(url("jdbc:mortise:file:"))) {
            run(first, "CREATE TABLE T(ID INT)");
            run(first, "CREATE USER U PASSWORD 'u'");
            try (Connection user = DriverManager.getConnection(url("jdbc:mortise:file:"), "U", "u")) {
                assertThatThrownBy(() -> run(user, "SHUTDOWN")).isInstanceOf(SQLException.class);
            }
            run(first, "INSERT INTO T VALUES (1)");
            assertThat(read(first, "SELECT COUNT(*) FROM T")).isEqualTo("1");
        }
    }

    /** Holds a statement where H2 has counted its rows and has not committed them. H2 makes it by its name. */
    public static final class Holding implements DatabaseEventListener {
        @Override
        public void setProgress(int state, String sql, long done, long all) {
            if (state == STATE_STATEMENT_END && sql.contains("12321") && GO_ON.tryAcquire()) {
                RUNNING.release();
                GO_ON.acquireUninterruptibly();
            }
        }
    }

    /** H2 closes the session behind the statement's back, skips its commit, and says that all is well. */
    @ParameterizedTest
    @ValueSource(strings = {"SHUTDOWN", "SHUTDOWN COMPACT", "SET EXCLUSIVE 2"})
    void whatCouldNotBeCommittedAnyMoreIsNotAcknowledged(String ending) throws Exception {
        RUNNING.drainPermits();
        GO_ON.drainPermits();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Connection taker = open(url("jdbc:mortise:file:"));
        run(taker, "CREATE TABLE T(ID INT)");
        run(taker, "SET DEFAULT_LOCK_TIMEOUT 1"); // Twice as long H2 waits for those who run.
        run(taker, "SET DATABASE_EVENT_LISTENER '" + Holding.class.getName() + "'");
        Connection writer = open(url("jdbc:mortise:file:"));
        Connection idle = open(url("jdbc:mortise:file:"));

        GO_ON.release();
        Future<?> statement = threads.submit(() -> {
            run(writer, "INSERT INTO T VALUES (12321)");
            return null;
        });
        RUNNING.acquire();
        Future<?> end = threads.submit(() -> {
            run(taker, ending);
            return null;
        });
        awaitClosed(idle);
        awaitClosed(writer);
        GO_ON.release();

        assertThatThrownBy(statement::get)
                .cause()
                .isInstanceOfSatisfying(
                        SQLNonTransientConnectionException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("08007"));
        end.get();
        taker.close();
        threads.shutdown();
        try (Connection again = open(url("jdbc:h2:file:"))) {
            assertThat(read(again, "SELECT COUNT(*) FROM T")).isEqualTo("0");
        }
    }

    /** The same for a client of the server, which acknowledges what its own session could not commit. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T VALUES (12321)",
                "SELECT ID FROM FINAL TABLE (INSERT INTO T VALUES (12321))",
                "EXECUTE IMMEDIATE 'INSERT INTO T VALUES (12321)'",
                "EXECUTE P /* 12321 */",
                "BEGIN; INSERT INTO T VALUES (1); SET AUTOCOMMIT TRUE /* 12321 */",
                "SET @X = 1;INSERT INTO T VALUES (12321)",
                "CREATE TABLE T12321(ID INT)",
                "CREATE USER U12321 PASSWORD ''"
            })
    void whatCouldNotBeCommittedAnyMoreIsNotAcknowledgedOverTheNetwork(String sql) throws Exception {
        RUNNING.drainPermits();
        GO_ON.drainPermits();
        ExecutorService threads = Executors.newFixedThreadPool(1);
        try (Connection taker = open(url("jdbc:mortise:file:") + ";SERVE=tcp:0")) {
            run(taker, "CREATE TABLE T(ID INT)");
            run(taker, "SET DEFAULT_LOCK_TIMEOUT 1");
            run(taker, "SET DATABASE_EVENT_LISTENER '" + Holding.class.getName() + "'");
            String served = read(taker, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
            Connection writer = open(url("jdbc:mortise:h2:tcp://localhost:" + served.replaceAll(".*:", "") + "/"));
            run(writer, "PREPARE P AS INSERT INTO T VALUES (12321)");

            GO_ON.release();
            Future<?> statement = threads.submit(() -> {
                for (String each : sql.split("; ")) {
                    run(writer, each);
                }
                return null;
            });
            RUNNING.acquire();
            run(taker, "SET EXCLUSIVE 2"); // H2 has waited for who runs, and closed him.
            GO_ON.release();

            assertThatThrownBy(statement::get).hasCauseInstanceOf(SQLException.class);
            run(taker, "SET EXCLUSIVE FALSE");
            assertThat(read(taker, "SELECT COUNT(*) FROM T")).isEqualTo("0");
        }
        threads.shutdown();
    }

    /** H2 says that a listener may connect while the database closes; what it does there is in the file. */
    @Test
    void aListenerMayWriteWhileTheDatabaseCloses() throws SQLException {
        HEARD.clear();
        String withListener = url("jdbc:mortise:file:") + ";DATABASE_EVENT_LISTENER='" + Farewell.class.getName() + "'";
        try (Connection connection = open(withListener)) {
            run(connection, "CREATE TABLE T(ID INT GENERATED BY DEFAULT AS IDENTITY, V INT)");
        }
        assertThat(HEARD).containsExactly("written");
        try (Connection plain = open(url("jdbc:h2:file:"))) {
            assertThat(read(plain, "SELECT COUNT(*) FROM T")).isEqualTo("1");
        }
    }

    /** Writes a row as the database closes. H2 makes it by its name. */
    public static final class Farewell implements DatabaseEventListener {
        private String url = "";

        @Override
        public void init(String databaseUrl) {
            url = databaseUrl;
        }

        @Override
        public void closingDatabase() {
            String again = "jdbc:mortise:" + url.substring("jdbc:".length()).split(";", 2)[0];
            try (Connection connection = open(again)) {
                run(connection, "INSERT INTO T(V) VALUES (1)");
                HEARD.add("written");
            } catch (SQLException e) {
                HEARD.add(e.getMessage());
            }
        }
    }

    @Test
    void aTableEngineOfTheUsersForAllTablesIsRefusedWithWords() {
        assertThatThrownBy(() -> open(url("jdbc:mortise:file:") + ";DEFAULT_TABLE_ENGINE=org.example.Engine"))
                .hasMessageStartingWith("DEFAULT_TABLE_ENGINE is the lock engine's here. No connection was made.")
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("08001"));
    }

    @Test
    void aHundredOpeningsInTurnFindWhatTheLastHasWritten() throws SQLException {
        for (int i = 0; i < 100; i++) {
            try (Connection connection = open(url(i % 2 == 0 ? "jdbc:mortise:file:" : "jdbc:h2:file:"))) {
                run(connection, "CREATE TABLE IF NOT EXISTS T(ID INT GENERATED ALWAYS AS IDENTITY, V INT)");
                run(connection, "INSERT INTO T(V) VALUES (1)");
                assertThat(read(connection, "SELECT COUNT(*) || ' ' || MAX(ID) FROM T"))
                        .isEqualTo(i + 1 + " " + (i + 1));
            }
        }
    }
}
