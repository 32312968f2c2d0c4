package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.p6spy.engine.spy.P6SpyDriver;
import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.WorksWith;
import io.mortise.driver.MortiseConnection;
import io.opentelemetry.instrumentation.jdbc.OpenTelemetryDriver;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import net.ttddyy.dsproxy.QueryCountHolder;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Proxies in front of the driver, and what they let through. */
@WorksWith(
        client = "p6spy",
        from = P6SpyDriver.class,
        tried = "a query, `unwrap(MortiseConnection.class)`",
        needs = "`jdbc:p6spy:mortise:mem:shop`")
@WorksWith(
        client = "OpenTelemetry JDBC",
        from = OpenTelemetryDriver.class,
        tried = "a query, `unwrap(MortiseConnection.class)`",
        needs = "`jdbc:otel:mortise:mem:shop`")
@WorksWith(
        client = "datasource-proxy",
        from = ProxyDataSourceBuilder.class,
        tried = "a query, `unwrap(MortiseConnection.class)`")
@Timeout(120)
final class ProxyItemsTest {
    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    @DisplayName("59 p6spy lets our connection through")
    void p6spyLetsUsThrough() throws Exception {
        try (Connection connection =
                DriverManager.getConnection(database.url().replace("jdbc:", "jdbc:p6spy:"), "sa", "")) {
            worksThrough(connection);
        }
    }

    @Test
    @DisplayName("59 OpenTelemetry lets our connection through")
    void openTelemetryLetsUsThrough() throws Exception {
        try (Connection connection =
                DriverManager.getConnection(database.url().replace("jdbc:", "jdbc:otel:"), "sa", "")) {
            worksThrough(connection);
        }
    }

    @Test
    @DisplayName("59 datasource-proxy lets our connection through")
    void datasourceProxyLetsUsThrough() throws Exception {
        try (Connection connection = ProxyDataSourceBuilder.create(database.dataSource(""))
                .countQuery()
                .build()
                .getConnection()) {
            worksThrough(connection);
        }
        assertThat(QueryCountHolder.getGrandTotal().getSelect()).isEqualTo(1);
    }

    private static void worksThrough(Connection connection) throws SQLException {
        assertThat(connection).isNotInstanceOf(MortiseConnection.class);
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM SYS.SESSIONS")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
        assertThat(connection.unwrap(MortiseConnection.class).isValid(1)).isTrue();
    }
}
