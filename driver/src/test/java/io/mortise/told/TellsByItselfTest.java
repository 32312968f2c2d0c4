package io.mortise.told;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.driver.MortiseDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.PooledConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class TellsByItselfTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=600000";

    private HikariDataSource pool(String name, String settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(url + settings);
        config.setUsername("sa");
        config.setAutoCommit(false);
        config.setMaximumPoolSize(3);
        config.setInitializationFailTimeout(-1); // So that all of them are opened by the pool's own thread.
        return new HikariDataSource(config);
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void runAll(Connection connection, String... all) throws SQLException {
        for (String sql : all) {
            run(connection, sql);
        }
        connection.commit();
    }

    @Test
    void aWaitThatGoesOnIsToldOnceWithItsBlockerAndBothPools() throws Exception {
        try (TestLog log = new TestLog("mortise.wait");
                HikariDataSource orders = pool("orders", ";LOG_WAIT=1");
                HikariDataSource reports = pool("reports", "");
                Connection holder = orders.getConnection();
                Connection waiter = reports.getConnection()) {
            runAll(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 1)");
            run(holder, "UPDATE T SET V = 2");
            CompletableFuture<Void> waits = CompletableFuture.runAsync(
                    () -> {
                        try {
                            run(waiter, "UPDATE T SET V = 3");
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    step -> new Thread(step, "waits").start());

            String told = log.take();
            holder.rollback();
            waits.get();
            waiter.rollback();

            assertThat(told)
                    .startsWith("INFO Session ")
                    .contains(": row T(hidden) is held by session ", "idle in transaction")
                    .contains("UPDATE T SET V = 3", "last statement: UPDATE T SET V = 2")
                    .contains("UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = ")
                    .containsPattern("\n  pools    reports \\(session \\d+\\), orders \\(session \\d+\\)$");
            assertThat(log.left()).isEmpty();
        }
    }

    @Test
    void withLogWaitZeroNothingIsTold() throws Exception {
        try (TestLog log = new TestLog("mortise.wait");
                HikariDataSource pool = pool("quiet", ";LOG_WAIT=0");
                Connection holder = pool.getConnection();
                Connection waiter = pool.getConnection()) {
            runAll(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 1)");
            run(holder, "UPDATE T SET V = 2");
            run(waiter, "SET LOCK_TIMEOUT 1100");

            assertThat(catchThrowableOfType(SQLException.class, () -> run(waiter, "UPDATE T SET V = 3"))
                            .getSQLState())
                    .isEqualTo("HYT00");

            holder.rollback();
            waiter.rollback();
            assertThat(log.left()).isEmpty();
        }
    }

    @Test
    void serveLogsItsAddress() throws Exception {
        try (TestLog log = new TestLog("mortise.serve");
                HikariDataSource pool = pool("served", ";SERVE=tcp:0");
                Connection connection = pool.getConnection()) {
            assertThat(connection.isValid(0)).isTrue();

            assertThat(log.take()).matches("INFO Database \\S+ is served at jdbc:mortise:h2:tcp://localhost:\\d+/\\S+");
        }
    }

    @Test
    void aPoolThatIsGivenBackUncommittedChangesTellsOnceAPlace() throws Exception {
        try (TestLog log = new TestLog("mortise.session");
                HikariDataSource pool = pool("careless", "")) {
            try (Connection connection = pool.getConnection()) {
                runAll(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 1), (2, 2)");
                run(connection, "UPDATE T SET V = 5");
                connection.rollback(); // Meant so.
                run(connection, "SELECT * FROM T");
            }
            assertThat(log.left()).isEmpty();

            for (int i = 0; i < 3; i++) {
                forgetToCommit(pool);
            }

            assertThat(log.take())
                    .matches(
                            "(?s)WARNING Changes were not committed when a connection was closed, so they were rolled"
                                    + " back: 2 in session \\d+ \\(user SA\\)\n"
                                    + "  closed at       io.mortise.told.TellsByItselfTest.forgetToCommit\\(.*\\)\n"
                                    + "  last statement  UPDATE T SET V = V \\+ 1\n"
                                    + "  hint            call commit\\(\\), or rollback\\(\\), before close\\(\\); each place is told once");
            assertThat(log.left()).isEmpty();
        }
    }

    private static void forgetToCommit(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            run(connection, "UPDATE T SET V = V + 1");
        }
    }

    @Test
    void soDoesAConnectionOfNoPoolAndAPooledHandle() throws Exception {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url);
        source.setUser("sa");
        try (TestLog log = new TestLog("mortise.session");
                Connection keeper = source.getConnection()) {
            run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY)");
            try (Connection left = source.getConnection()) {
                left.setAutoCommit(false);
                run(left, "INSERT INTO T VALUES (1)");
            }
            assertThat(log.take()).contains("1 in session", "last statement  INSERT INTO T VALUES (1)");

            PooledConnection pooled = source.getPooledConnection();
            Connection handle = pooled.getConnection();
            handle.setAutoCommit(false);
            run(handle, "INSERT INTO T VALUES (2)");
            handle.close();
            pooled.close();
            assertThat(log.take()).contains("last statement  INSERT INTO T VALUES (2)");
            assertThat(log.left()).isEmpty();
        }
    }
}
