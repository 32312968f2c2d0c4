package io.mortise.compat.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.WorksWith;
import io.mortise.driver.MortiseConnection;
import io.mortise.driver.MortiseDataSource;
import io.mortise.driver.MortiseDriver;
import io.mortise.driver.MortiseExceptionOverride;
import io.mortise.engine.error.SessionIsLockedException;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HikariCP, the newest and 5.1.0: the build runs this class once with each. */
@WorksWith(
        client = "HikariCP",
        from = HikariDataSource.class,
        tried = "start, validation, keep-alive, eviction, shutdown in flight, what it makes of each error",
        needs = "up to 6.1: `exceptionOverrideClassName=io.mortise.driver.MortiseExceptionOverride`, or a lock timeout"
                + " costs the connection")
@Timeout(120)
final class HikariItemsTest extends PoolScene {
    private static final String LOOK_AT_EVERY_BORROW = "com.zaxxer.hikari.aliveBypassWindowMs";
    private static final String REQUEST_BOUNDARIES = "com.zaxxer.hikari.enableRequestBoundaries";

    /** The one on the class path: {@code 5.1.0}. */
    private static String version() {
        String jar = HikariDataSource.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        return jar.replaceAll(".*HikariCP-(.*)\\.jar", "$1");
    }

    private HikariConfig pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername("sa");
        config.setMaximumPoolSize(size);
        return config;
    }

    @Test
    @DisplayName("11 a pool starts by URL, by driver class and by data source class")
    void aPoolStartsInAllThreeWays() throws Exception {
        assertThat(version()).isEqualTo(System.getProperty("hikaricp.version", version()));
        HikariConfig byDriver = pool(2);
        byDriver.setDriverClassName(MortiseDriver.class.getName());
        HikariConfig byDataSource = new HikariConfig();
        byDataSource.setDataSourceClassName(MortiseDataSource.class.getName());
        byDataSource.addDataSourceProperty("url", url);
        byDataSource.addDataSourceProperty("user", "sa");
        byDataSource.addDataSourceProperty("sessionBusyGrace", 20);

        for (HikariConfig config : List.of(pool(2), byDriver, byDataSource)) {
            try (HikariDataSource pool = new HikariDataSource(config);
                    Connection connection = pool.getConnection()) {
                assertThat(number(connection, "SELECT COUNT(*) FROM T")).isEqualTo(5);
            }
        }
    }

    @Test
    @DisplayName("12 the network timeout is 0, is kept, and the pool knows that there is one")
    void theNetworkTimeoutIsKept() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(1));
                Connection connection = pool.getConnection()) {
            assertThat(connection.getNetworkTimeout()).isZero();
            connection.setNetworkTimeout(Runnable::run, 5000);
            assertThat(connection.getNetworkTimeout()).isEqualTo(5000);

            // What decides over the log line "Driver does not support get/set network timeout for connections".
            Object hikariPool = pool.getHikariPoolMXBean();
            Field supported = hikariPool.getClass().getSuperclass().getDeclaredField("isNetworkTimeoutSupported");
            supported.setAccessible(true);
            assertThat(supported.getInt(hikariPool)).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("13 a connection that has been idle is looked at without SQL")
    void anIdleConnectionIsValidWithoutSql() throws Exception {
        System.setProperty(LOOK_AT_EVERY_BORROW, "0");
        try (HikariDataSource pool = new HikariDataSource(pool(1))) {
            int session;
            try (Connection connection = pool.getConnection()) {
                session = sessionOf(connection);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
                assertThat(number(
                                keeper,
                                "SELECT COUNT(*) FROM SYS.SESSIONS WHERE LAST_SQL = 'SELECT SESSION_ID()'"
                                        + " AND SESSION = " + session))
                        .as("the last SQL of the session is what its last borrower ran")
                        .isEqualTo(1);
            }
        } finally {
            System.clearProperty(LOOK_AT_EVERY_BORROW);
        }
    }

    @Test
    @DisplayName("14 what the housekeeper asks of an idle connection is answered while another is busy")
    void aKeepaliveIsAnsweredWhileAnotherConnectionIsBusy() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(2));
                Connection busy = pool.getConnection();
                Statement statement = busy.createStatement();
                Connection idle = pool.getConnection()) {
            InFlight first = startHeld(statement);

            // The pool's least keepalive time is 30 s; these are its calls.
            for (Connection asked : List.of(idle, busy)) {
                asked.setNetworkTimeout(Runnable::run, 5000);
                assertThat(asked.isValid(5)).isTrue();
                asked.setNetworkTimeout(Runnable::run, 0);
            }
            first.letGo();

            assertThat(first.value()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("15 soft eviction leaves what runs alone")
    void softEvictionLeavesWhatRunsAlone() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(1));
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            InFlight first = startHeld(statement);

            pool.getHikariPoolMXBean().softEvictConnections();
            first.letGo();

            assertThat(first.value()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("16 closing the pool ends what runs and frees its locks")
    void closingThePoolEndsWhatRuns() throws Exception {
        HikariDataSource pool = new HikariDataSource(pool(1));
        Connection connection = pool.getConnection();
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 7 WHERE ID = 1");
        InFlight first = startEndless(connection.createStatement());

        pool.close();

        assertThat(first.failure().getSQLState()).matches("57014|08...");
        execute(keeper, "SET LOCK_TIMEOUT 60000");
        execute(keeper, "UPDATE T SET V = V + 1 WHERE ID = 1"); // Waits for the roll-back, if that is not done yet.
        assertThat(number(keeper, "SELECT V FROM T WHERE ID = 1")).isEqualTo(1);
        assertThat(locks()).isZero();
    }

    @Test
    @DisplayName("17 a connection that comes back busy is not lent again with somebody else's row")
    void aConnectionThatComesBackBusyIsNotLentAgain() throws Exception {
        HikariConfig config = pool(1);
        config.setAutoCommit(false);
        config.addDataSourceProperty("sessionBusyGrace", "20");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            Connection connection = pool.getConnection();
            execute(connection, "INSERT INTO T VALUES (99, 1)");
            InFlight first = startHeld(connection.createStatement());

            assertThatThrownBy(connection::close)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));

            try (Connection next = pool.getConnection()) {
                assertThat(number(next, "SELECT COUNT(*) FROM T WHERE ID = 99")).isZero();
                execute(next, "INSERT INTO T VALUES (100, 1)");
                next.commit();
            } finally {
                first.letGo();
            }
            assertThat(number(keeper, "SELECT COUNT(*) FROM T WHERE ID = 99"))
                    .as("never committed")
                    .isZero();
        }
    }

    @Test
    @DisplayName("18 a refused statement costs neither the connection nor the first statement")
    void aRefusedStatementDoesNotCostTheConnection() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(1));
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            InFlight first = startHeld(statement);

            assertThatThrownBy(() -> execute(connection, "SELECT 1")).isInstanceOf(SessionIsLockedException.class);
            first.letGo();

            assertThat(first.value()).isEqualTo(1);
            assertThat(connection.isClosed()).as("evicted").isFalse();
        }
    }

    private boolean isKeptAfterLockTimeout(HikariConfig config) throws SQLException {
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection connection = pool.getConnection()) {
            execute(connection, "SET LOCK_TIMEOUT 10");
            assertThatThrownBy(() -> execute(connection, "UPDATE T SET V = 2 WHERE ID = 1"))
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("HYT00");
                        assertThat(e.getErrorCode()).isEqualTo(50200);
                    });
            return !connection.isClosed();
        }
    }

    @Test
    @DisplayName("19 a lock timeout costs the connection in 5.1 only, and there MortiseExceptionOverride keeps it")
    void aLockTimeoutKeepsTheConnection() throws Exception {
        keeper.setAutoCommit(false);
        execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
        HikariConfig overridden = pool(1);
        overridden.setExceptionOverrideClassName(MortiseExceptionOverride.class.getName());

        assertThat(isKeptAfterLockTimeout(pool(1))).isEqualTo(!version().startsWith("5."));
        assertThat(isKeptAfterLockTimeout(overridden)).isTrue();
        keeper.setAutoCommit(true);
    }

    @Test
    @DisplayName("20 an unsupported feature is HYC00 and keeps the connection")
    void anUnsupportedFeatureKeepsTheConnection() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(1));
                Connection connection = pool.getConnection()) {
            assertThatThrownBy(() -> connection.setShardingKey(null))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
            assertThat(connection.isClosed()).isFalse();
        }
    }

    @Test
    @DisplayName("21 the victim of a deadlock keeps its connection, and the other commits")
    void theVictimOfADeadlockKeepsItsConnection() throws Exception {
        HikariConfig config = pool(2);
        config.setAutoCommit(false);
        config.setConnectionInitSql("SET LOCK_TIMEOUT 60000");
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection a = pool.getConnection();
                Connection b = pool.getConnection()) {
            execute(a, "UPDATE T SET V = 1 WHERE ID = 1");
            execute(b, "UPDATE T SET V = 1 WHERE ID = 2");
            execute(b, "UPDATE T SET V = 1 WHERE ID = 3"); // It has done more, so the other gives way.
            Future<Boolean> waits = starts(() -> execute(b, "UPDATE T SET V = 2 WHERE ID = 1"));
            awaitLockWait();

            assertThatThrownBy(() -> execute(a, "UPDATE T SET V = 2 WHERE ID = 2"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));

            assertThat(value(waits)).isTrue();
            b.commit();
            assertThat(a.isClosed()).as("evicted").isFalse();
            assertThat(number(keeper, "SELECT SUM(V) FROM T")).isEqualTo(2 + 1 + 1);
        }
    }

    @Test
    @DisplayName("22 a session that is aborted gets 08006, and the pool makes another")
    void anAbortedSessionIsReplaced() throws Exception {
        try (HikariDataSource pool = new HikariDataSource(pool(1))) {
            int aborted;
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                aborted = sessionOf(connection);
                InFlight first = startEndless(statement);

                execute(keeper, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + aborted);

                assertThat(first.failure().getSQLState()).isEqualTo("08006");
                assertThat(connection.isClosed()).as("evicted").isTrue();
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(sessionOf(connection)).isNotEqualTo(aborted);
            }
        }
    }

    @Test
    @DisplayName("23 while the system is locked the pool's timeout carries 08004")
    void whileTheSystemIsLockedThePoolSays08004() throws Exception {
        HikariConfig config = pool(1);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(5_000); // Within it the pool has to have tried.
        execute(keeper, "LOCK SYSTEM");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertThatThrownBy(pool::getConnection).isInstanceOfSatisfying(SQLException.class, e -> {
                assertThat(e.getSQLState()).isEqualTo("08004");
                assertThat((Throwable) e).cause().hasMessageStartingWith("Sessions inhibited.");
            });
        }
    }

    @Test
    @DisplayName("24 the next borrower sees the defaults")
    void theNextBorrowerSeesTheDefaults() throws Exception {
        execute(keeper, "CREATE SCHEMA S");
        HikariConfig config = pool(1);
        config.setSchema("PUBLIC");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            try (Connection connection = pool.getConnection()) {
                connection.setReadOnly(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                connection.setSchema("S");
                connection.setAutoCommit(false);
                connection.setNetworkTimeout(Runnable::run, 7000);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.isReadOnly()).isFalse();
                assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                assertThat(connection.getSchema()).isEqualTo("PUBLIC");
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(connection.getNetworkTimeout()).isZero();
                assertThat(execute(connection, "UPDATE T SET V = 1")).isTrue();
            }
        }
    }

    @Test
    @DisplayName("25 requests begin and end without an exception, also while a statement runs")
    void requestsBeginAndEnd() throws Exception {
        System.setProperty(REQUEST_BOUNDARIES, "true");
        try (HikariDataSource pool = new HikariDataSource(pool(1))) {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                InFlight first = startHeld(statement);
                Connection ours = connection.unwrap(MortiseConnection.class);
                ours.endRequest();
                ours.beginRequest();
                first.letGo();
                assertThat(first.value()).isEqualTo(1);
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(execute(connection, "SELECT 1")).isTrue();
            }
        } finally {
            System.clearProperty(REQUEST_BOUNDARIES);
        }
    }
}
