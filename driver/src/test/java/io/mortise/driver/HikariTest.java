package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The most used pool over this driver. Most of what it asks is asked on the way, when it borrows and takes back. */
@Timeout(120)
final class HikariTest extends SingleFlight {
    private HikariConfig pool(int size) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(keeper.getMetaData().getURL());
        config.setUsername("");
        config.setMaximumPoolSize(size);
        return config;
    }

    private static int sessionOf(Connection connection) throws SQLException {
        return connection.unwrap(Session.class).id();
    }

    @Test
    void aPoolStartsWithAUrlAndWithADriverClass() throws Exception {
        HikariConfig byClass = pool(2);
        byClass.setDriverClassName(MortiseDriver.class.getName());
        for (HikariConfig config : new HikariConfig[] {pool(2), byClass}) {
            try (HikariDataSource dataSource = new HikariDataSource(config);
                    Connection connection = dataSource.getConnection()) {
                assertThat(execute(connection, "SELECT * FROM T")).isTrue();
                assertThat(connection.unwrap(MortiseConnection.class).getNetworkTimeout())
                        .isZero();
            }
        }
    }

    @Test
    void aConnectionThatComesBackBusyIsNotLentAgainWithSomebodyElsesRow() throws Exception {
        HikariConfig config = pool(1);
        config.setAutoCommit(false);
        config.addDataSourceProperty("sessionBusyGrace", "20");
        try (HikariDataSource dataSource = new HikariDataSource(config)) {
            Connection connection = dataSource.getConnection();
            execute(connection, "INSERT INTO T VALUES (99, 1)");
            Future<Integer> first = startBraked(connection);

            assertThatThrownBy(connection::close)
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08007"));

            try (Connection next = dataSource.getConnection()) {
                assertThat(sum()).isZero();
                assertThat(execute(next, "INSERT INTO T VALUES (100, 1)")).isTrue();
                next.commit();
            } finally {
                brake.letGo();
            }
            assertThat(sum()).as("the row of the first is never committed").isEqualTo(1);
            assertThat(first).isNotNull();
        }
    }

    @Test
    void aRefusedStatementDoesNotCostTheConnection() throws Exception {
        try (HikariDataSource dataSource = new HikariDataSource(pool(1))) {
            int session;
            try (Connection connection = dataSource.getConnection()) {
                session = sessionOf(connection);
                Future<Integer> first = startBraked(connection);
                assertThatThrownBy(() -> execute(connection, "SELECT 1")).isInstanceOf(SessionIsLockedException.class);
                brake.letGo();
                assertThat(Background.result(first)).isEqualTo(1);
            }
            try (Connection connection = dataSource.getConnection()) {
                assertThat(sessionOf(connection)).isEqualTo(session);
            }
        }
    }

    @Test
    void aLockTimeoutAndAnUnsupportedFeatureDoNotCostTheConnection() throws Exception {
        try (HikariDataSource dataSource = new HikariDataSource(pool(1));
                Connection holder = connect("")) {
            holder.setAutoCommit(false);
            execute(holder, "UPDATE T SET V = 1 WHERE ID = 1");
            int session;
            try (Connection connection = dataSource.getConnection()) {
                session = sessionOf(connection);
                execute(connection, "SET LOCK_TIMEOUT 10");
                assertThatThrownBy(() -> execute(connection, "UPDATE T SET V = 2 WHERE ID = 1"))
                        .isInstanceOfSatisfying(SQLException.class, e -> {
                            assertThat(e.getSQLState()).isEqualTo("HYT00");
                            assertThat(e.getErrorCode()).isEqualTo(50200);
                        });
                assertThatThrownBy(() -> connection.setShardingKey(null))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
            }
            try (Connection connection = dataSource.getConnection()) {
                assertThat(sessionOf(connection)).isEqualTo(session);
            }
        }
    }

    @Test
    void aPoolThatIsShutDownEndsWhatRuns() throws Exception {
        HikariDataSource dataSource = new HikariDataSource(pool(1));
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 7 WHERE ID = 1");
        Statement statement = connection.createStatement();
        Future<Integer> first = startBrakedUpdate(statement);
        brake.letGo();

        dataSource.close();

        assertThat(Background.failure(first).getSQLState()).isIn("57014", "08006");
        assertThat(sum()).isZero();
        assertThat(execute(keeper, "UPDATE T SET V = 1"))
                .as("its locks are gone")
                .isTrue();
    }

    @Test
    void anEvictionLeavesWhatRunsAlone() throws Exception {
        try (HikariDataSource dataSource = new HikariDataSource(pool(1));
                Connection connection = dataSource.getConnection()) {
            Future<Integer> first = startBraked(connection);

            dataSource.getHikariPoolMXBean().softEvictConnections();
            brake.letGo();

            assertThat(Background.result(first)).isEqualTo(1);
        }
    }

    @Test
    void theNextBorrowerSeesTheDefaults() throws Exception {
        execute(keeper, "CREATE SCHEMA S");
        HikariConfig config = pool(1);
        config.setSchema("PUBLIC");
        try (HikariDataSource dataSource = new HikariDataSource(config)) {
            try (Connection connection = dataSource.getConnection()) {
                connection.setReadOnly(true);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                connection.setSchema("S");
                connection.setAutoCommit(false);
            }
            try (Connection connection = dataSource.getConnection()) {
                assertThat(connection.isReadOnly()).isFalse();
                assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
                assertThat(connection.getSchema()).isEqualTo("PUBLIC");
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(execute(connection, "UPDATE T SET V = 1")).isTrue();
            }
        }
    }

    @Test
    void aConnectionThatIsBusyIsValid() throws Exception {
        try (HikariDataSource dataSource = new HikariDataSource(pool(1));
                Connection connection = dataSource.getConnection()) {
            startBraked(connection);

            assertThat(connection.isValid(1)).isTrue();
            brake.letGo();
        }
    }
}
