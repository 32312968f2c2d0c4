package io.mortise.compat.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mchange.v2.c3p0.ComboPooledDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.mortise.compat.kit.WorksWith;
import io.mortise.driver.MortiseDriver;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Future;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** DBCP2, c3p0 and Agroal: pools that touch a connection from threads that do not run its statement. */
@WorksWith(client = "DBCP2", from = BasicDataSource.class, tried = "abandoned connections, validation")
@WorksWith(
        client = "c3p0",
        from = ComboPooledDataSource.class,
        tried = "connections that do not come back, statements prepared on its own threads")
@WorksWith(client = "Agroal", from = AgroalDataSource.class, tried = "flush in flight, validation")
@Timeout(120)
final class OtherPoolsItemsTest extends PoolScene {
    private BasicDataSource dbcp(int size) {
        BasicDataSource pool = new BasicDataSource();
        pool.setDriverClassName(MortiseDriver.class.getName());
        pool.setUrl(url);
        pool.setUsername("sa");
        pool.setMaxTotal(size);
        return pool;
    }

    private AgroalDataSource agroal(int size) throws SQLException {
        return AgroalDataSource.from(new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(pool -> pool.maxSize(size)
                        .connectionFactoryConfiguration(factory -> factory.jdbcUrl(url)
                                .connectionProviderClass(MortiseDriver.class)
                                .principal(new NamePrincipal("sa")))));
    }

    private ComboPooledDataSource c3p0() throws Exception {
        ComboPooledDataSource pool = new ComboPooledDataSource();
        pool.setDriverClass(MortiseDriver.class.getName());
        pool.setJdbcUrl(url);
        pool.setUser("sa");
        pool.setPassword("");
        pool.setInitialPoolSize(1);
        pool.setMinPoolSize(1);
        pool.setMaxPoolSize(2);
        return pool;
    }

    @Test
    @DisplayName(
            "26 DBCP2 takes an abandoned connection away while its statement runs: it ends, and its locks are free")
    void anAbandonedConnectionOfDbcpIsAborted() throws Exception {
        try (BasicDataSource pool = dbcp(2)) {
            pool.setRemoveAbandonedOnBorrow(true);
            pool.setRemoveAbandonedTimeout(Duration.ofMillis(1));
            Connection abandoned = pool.getConnection();
            abandoned.setAutoCommit(false);
            execute(abandoned, "UPDATE T SET V = 7 WHERE ID = 1");
            InFlight first = startEndless(abandoned.createStatement());

            // Looked at when there is little left to lend: so lend all there is.
            try (Connection second = pool.getConnection();
                    Connection third = pool.getConnection()) {
                assertThat(first.failure().getSQLState()).matches("57014|08...");
                assertThat(number(third, "SELECT SUM(V) FROM T")).isZero();
                assertThat(second.isClosed() && third.isClosed()).isFalse();
            }
            execute(keeper, "SET LOCK_TIMEOUT 60000");
            assertThat(execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1")).isTrue();
        }
    }

    @Test
    @DisplayName("27 c3p0 closes the running statement of a connection that did not come back")
    void anUnreturnedConnectionOfC3p0IsEnded() throws Exception {
        ComboPooledDataSource pool = c3p0();
        try {
            pool.setUnreturnedConnectionTimeout(1);
            Connection unreturned = pool.getConnection();
            InFlight first = startEndless(unreturned.createStatement());

            assertThat(first.failure().getSQLState()).matches("57014|08...");
        } finally {
            pool.close();
        }
    }

    @Test
    @DisplayName("28 c3p0 prepares on a thread of its own what the application's thread executes")
    void c3p0PreparesOnAnotherThread() throws Exception {
        ComboPooledDataSource pool = c3p0();
        try {
            pool.setMaxStatements(10);
            pool.setStatementCacheNumDeferredCloseThreads(1);
            for (int i = 0; i < 20; i++) {
                assertThat(prepareAndExecute(pool)).isZero();
            }
        } finally {
            pool.close();
        }
    }

    private static int prepareAndExecute(ComboPooledDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT V FROM T WHERE ID = ?")) {
            statement.setInt(1, 1);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    @Test
    @DisplayName("29 Agroal flushes all while a statement runs: it is cancelled, and the pool lends on")
    void agroalFlushesWhileAStatementRuns() throws Exception {
        try (AgroalDataSource pool = agroal(2)) {
            Connection connection = pool.getConnection();
            InFlight first = startEndless(connection.createStatement());

            pool.flush(AgroalDataSource.FlushMode.ALL);

            assertThat(first.failure().getSQLState()).isEqualTo("57014");
            try (Connection next = pool.getConnection()) {
                assertThat(number(next, "SELECT COUNT(*) FROM T")).isEqualTo(5);
            }
        }
    }

    @Test
    @DisplayName("30 isValid(0) has no limit, and isValid(-1) is an error, through DBCP2 and Agroal")
    void isValidOfZeroHasNoLimit() throws Exception {
        try (BasicDataSource dbcp = dbcp(1);
                AgroalDataSource agroal = agroal(1);
                Connection one = dbcp.getConnection();
                Connection other = agroal.getConnection()) {
            for (Connection connection : new Connection[] {one, other}) {
                assertThat(connection.isValid(0)).isTrue();
                assertThatThrownBy(() -> connection.isValid(-1)).isInstanceOf(SQLException.class);
                try (Statement statement = connection.createStatement()) {
                    InFlight first = startHeld(statement);
                    Future<Boolean> valid = starts(() -> connection.isValid(0));
                    assertThat(value(valid)).as("while it is busy").isTrue();
                    first.letGo();
                    assertThat(first.value()).isEqualTo(1);
                }
            }
        }
    }
}
