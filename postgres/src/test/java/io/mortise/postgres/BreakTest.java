package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitRunning;
import static io.mortise.postgres.TestServer.failure;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static io.mortise.postgres.TestServer.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.error.SessionAbortedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers that stop and lines that break: a clear error each, nothing that hangs, nothing that stays on the server. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class BreakTest {
    private static String url(int port, String settings) {
        return "jdbc:mortise:postgresql://localhost:" + port + "/postgres?user=postgres" + settings;
    }

    @Test
    void aLineThatBreaksInACommitLeavesTheOutcomeOpen() throws Exception {
        try (Wire wire = new Wire(TestServer.port());
                Connection connection = DriverManager.getConnection(url(wire.port(), ""))) {
            connection.setAutoCommit(false);
            run(connection, "SELECT 1");
            wire.cut();

            assertThatThrownBy(connection::commit)
                    .hasMessageContaining("Whether the transaction was committed is unknown")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aLineThatBreaksInAStatementSaysWhetherItMayHaveBeenCarriedOut() throws Exception {
        for (boolean autoCommit : new boolean[] {true, false}) {
            try (Wire wire = new Wire(TestServer.port());
                    Connection connection = DriverManager.getConnection(url(wire.port(), ""))) {
                connection.setAutoCommit(autoCommit);
                int pid = pid(connection);
                CompletableFuture<Void> writes =
                        async(() -> run(connection, "DO $$ BEGIN PERFORM pg_sleep(30); END $$ -- cut"));
                awaitRunning(pid, "-- cut");
                wire.cut();

                assertThat(state(writes)).isEqualTo(autoCommit ? "08007" : "08006");
                assertThat(connection.isClosed()).isTrue();
                run(TestServer.plain(), "SELECT pg_terminate_backend(" + pid + ")");
            }
        }
    }

    @Test
    void aLineThatIsSilentEndsAtTheQueryTimeoutAndNotLater() throws Exception {
        try (Wire wire = new Wire(TestServer.port());
                Connection connection =
                        DriverManager.getConnection(url(wire.port(), "&cancelSignalTimeout=1&QUERY_TIMEOUT=500"))) {
            int pid = pid(connection);
            CompletableFuture<Void> asks = async(() -> run(connection, "SELECT pg_sleep(30) -- silent"));
            awaitRunning(pid, "-- silent");
            wire.silence();

            assertThat(failure(asks))
                    .isInstanceOf(SessionAbortedException.class)
                    .hasMessageContaining("The query timeout of 500 ms has passed")
                    .hasMessageContaining("the server did not answer, so the connection was cut");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void aCrashOfTheServerEndsEverySessionWithItsReason(@TempDir Path folder) throws Exception {
        try (OwnServer server = OwnServer.fresh(folder)) {
            Connection running = DriverManager.getConnection(url(server.port(), ""));
            Connection idle = DriverManager.getConnection(url(server.port(), ""));
            Connection crashes = DriverManager.getConnection(url(server.port(), ""));
            idle.setAutoCommit(false);
            run(idle, "CREATE TABLE LOST (ID INT)");
            CompletableFuture<Void> sleeps = async(() -> run(running, "SELECT pg_sleep(30)"));
            assertThat(one(idle, "SELECT count(*) FROM SYS.SESSIONS")).isEqualTo("3");

            ProcessHandle.of(pid(crashes)).orElseThrow().destroyForcibly();

            assertThat(state(sleeps)).startsWith("08");
            assertThatThrownBy(() -> run(idle, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
            assertThatThrownBy(idle::commit).isInstanceOf(SQLException.class);
            for (Connection each : new Connection[] {running, idle, crashes}) {
                assertThat(each.isValid(1)).isFalse();
                each.close();
            }
            try (Connection again = connectedAtLast(server)) {
                assertThat(one(again, "SELECT to_regclass('lost') IS NULL")).isEqualTo("t");
                assertThat(one(again, "SELECT count(*) FROM SYS.SESSIONS")).isEqualTo("1");
                CompletableFuture<Void> told = async(() -> run(again, "SELECT pg_sleep(60)"));
                awaitActive(server);
                server.stop();
                assertThat(failure(told))
                        .isInstanceOf(SessionAbortedException.class)
                        .hasMessageContaining("pg_terminate_backend, or a shutdown");
            }
            server.start();
            try (Connection again = DriverManager.getConnection(url(server.port(), ""))) {
                assertThat(one(again, "SELECT count(*) FROM SYS.SESSIONS")).isEqualTo("1");
            }
        }
    }

    /** Returns when somebody else runs a statement there. */
    private static void awaitActive(OwnServer server) throws SQLException {
        try (Connection asks =
                DriverManager.getConnection(url(server.port(), "").replace("mortise:", ""))) {
            run(
                    asks,
                    "DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT FROM pg_stat_activity"
                            + " WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' AND pid <> pg_backend_pid());"
                            + " PERFORM pg_sleep(0.01); END LOOP; END $$");
        }
    }

    /** While the server recovers it refuses everybody. */
    private static Connection connectedAtLast(OwnServer server) throws SQLException {
        for (int attempt = 0; ; attempt++) {
            try {
                return DriverManager.getConnection(url(server.port(), ""));
            } catch (SQLException e) {
                assertThat(attempt).isLessThan(100_000);
            }
        }
    }

    /** Both hosts stand in the URL; a pool finds the one that can be written to. */
    @Test
    void aStandbyThatIsPromotedIsFoundByThePool(@TempDir Path folder) throws Exception {
        try (OwnServer primary = OwnServer.fresh(folder)) {
            primary.stop();
            try (OwnServer standby = primary.withStandby(folder)) {
                promote(primary, standby);
            }
        }
    }

    private static void promote(OwnServer primary, OwnServer standby) throws Exception {
        String hosts = "jdbc:mortise:postgresql://localhost:" + primary.port() + ",localhost:" + standby.port()
                + "/postgres?user=postgres&targetServerType=";
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(hosts + "primary&hostRecheckSeconds=0");
        config.setMaximumPoolSize(2);
        config.setConnectionTimeout(20_000);
        try (Connection reader = DriverManager.getConnection(hosts + "secondary");
                HikariDataSource pool = new HikariDataSource(config)) {
            assertThat(one(reader, "SELECT count(*) FROM SYS.SESSIONS")).isEqualTo("1");
            assertThat(reader.isReadOnly()).isTrue();
            assertThatThrownBy(() -> run(reader, "CREATE TABLE NEVER (ID INT)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            try (Connection writer = pool.getConnection()) {
                run(writer, "CREATE TABLE MOVED (ID INT)");
                assertThat(one(writer, "SELECT count(*) > 0 FROM SYS.SESSIONS")).isEqualTo("t");
            }
            primary.stop();
            run(reader, "SELECT pg_promote()");

            // The pool does not test a connection that it has had back a moment ago.
            insertByOneThatLives(pool, 3);
            assertThat(one(reader, "SELECT count(*) FROM MOVED")).isEqualTo("1");
        }
    }

    private static void insertByOneThatLives(HikariDataSource pool, int attempts) throws SQLException {
        try (Connection writer = pool.getConnection()) {
            run(writer, "INSERT INTO MOVED VALUES (1)");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).startsWith("08");
            assertThat(attempts).isPositive();
            insertByOneThatLives(pool, attempts - 1);
        }
    }

    /** A user of the test's own: other tests use the server too. */
    @Test
    void nothingOfOursStaysOnTheServer() throws Exception {
        try (Connection plain = TestServer.plain()) {
            run(plain, "CREATE ROLE left_behind LOGIN");
            String url = url(TestServer.port(), "").replace("user=postgres", "user=left_behind");
            Connection reads = DriverManager.getConnection(url);
            Connection aborted = DriverManager.getConnection(url);
            Connection named = DriverManager.getConnection(url + "&SESSION_ID=left&SESSION_TIMEOUT=1");
            one(reads, "SELECT count(*) FROM SYS.LOCKS");
            one(named, "SELECT CLOSE_SESSION()");
            one(named, "SELECT 1");
            aborted.setAutoCommit(false);
            run(aborted, "SELECT 1");
            assertThat(one(plain, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'left_behind'"))
                    .isEqualTo("4");
            aborted.abort(Runnable::run);
            one(named, "SELECT CLOSE_SESSION()");
            named.close();
            reads.close();

            TestServer.await(pid(plain), "NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'left_behind')");
            run(plain, "DROP ROLE left_behind");
        }
    }
}
