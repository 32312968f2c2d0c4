package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.driver.MortiseDataSource;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connecting: by URL, properties and data source; what is handed to pgjdbc, what is ours, what is refused. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class ConnectTest {
    @Test
    void aUrlConnectsAndSaysWhatItIs() throws SQLException {
        try (Connection connection = TestServer.connect("SESSION_BUSY=WAIT")) {
            assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
            assertThat(connection.getMetaData().getDriverName()).isEqualTo("Mortise JDBC Driver");
            assertThat(connection.getMetaData().getURL())
                    .isEqualTo("jdbc:mortise:postgresql://localhost:" + TestServer.port() + "/postgres");
            assertThat(connection.getCatalog()).isEqualTo("postgres");
            assertThat(connection.isValid(5)).isTrue();
            assertThat(TestServer.one(connection, "SELECT 41 + 1")).isEqualTo("42");
        }
    }

    @Test
    void settingsOfPgjdbcPassAndOursAreTakenOut() throws SQLException {
        try (Connection connection = TestServer.connect(
                "options=-c%20work_mem=5MB&applicationName=first&lock_timeout=1234&currentSchema=s%2Cpublic")) {
            assertThat(TestServer.one(connection, "SHOW work_mem")).isEqualTo("5MB");
            assertThat(TestServer.one(connection, "SHOW application_name")).isEqualTo("first");
            assertThat(TestServer.one(connection, "SHOW lock_timeout")).isEqualTo("1234ms");
            assertThat(TestServer.one(connection, "SHOW search_path")).isEqualTo("s,public");
            connection.setClientInfo("ApplicationName", "second");
            assertThat(TestServer.one(connection, "SHOW application_name")).isEqualTo("second");
        }
    }

    @Test
    void propertiesDoWhatTheUrlDoes() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("LOCK_TIMEOUT", "77");
        properties.setProperty("ssl", "false");
        String url = "jdbc:mortise:postgresql://localhost:" + TestServer.port() + "/postgres";

        try (Connection connection = DriverManager.getConnection(url, properties)) {
            assertThat(TestServer.one(connection, "SHOW lock_timeout")).isEqualTo("77ms");
            assertThat((Throwable) connection.getWarnings()).isNull();
        }
    }

    @Test
    void aDataSourceConnects() throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:postgresql://localhost:" + TestServer.port() + "/postgres");
        source.setUser("postgres");

        try (Connection connection = source.getConnection()) {
            assertThat(TestServer.one(connection, "SELECT current_user")).isEqualTo("postgres");
        }
    }

    @Test
    void toolsAreShownTheSettingsOfTheUrl() throws SQLException {
        Driver driver = DriverManager.getDriver(TestServer.url());

        DriverPropertyInfo[] all = driver.getPropertyInfo(TestServer.url("SESSION_BUSY=RETRY"), new Properties());

        assertThat(Arrays.stream(all).filter(one -> one.name.equals("SESSION_BUSY")))
                .singleElement()
                .satisfies(one -> assertThat(one.value).isEqualTo("RETRY"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOCK_POLICY=kognitio | PostgreSQL decides which locks a statement takes",
                "LOCK_BARGING=0 | in its own order",
                "DEADLOCK_PRIORITY=5 | chooses the victim",
                "SERVE=tcp:0 | PostgreSQL is the server",
                "LOCK_LOG=x | log_lock_waits",
                "BIND_VALUES=true | pgjdbc",
                "lkti=5 | embedded engine"
            })
    void aSettingThatAServerCannotKeepIsRefusedWithItsReason(String setting, String reason) {
        assertThatThrownBy(() -> TestServer.connect(setting))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22023"))
                .hasMessageContaining(reason)
                .hasMessageContaining("No connection was made");
    }

    @Test
    void whatIsUnknownIsRefusedWithAGuess() {
        assertThatThrownBy(() -> TestServer.connect("LOCK_TIMOUT=5"))
                .hasMessageContaining("Unknown setting LOCK_TIMOUT")
                .hasMessageContaining("Did you mean LOCK_TIMEOUT?");
        assertThatThrownBy(() -> TestServer.connect("sokcetTimeout=5"))
                .hasMessageContaining("Did you mean socketTimeout?");
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:postgresql://localhost/x;LOCK_TIMEOUT=5"))
                .hasMessageContaining("follow a question mark");
        assertThatThrownBy(() -> TestServer.connect("LOCK_TIMEOUT=soon")).hasMessageContaining("is not a whole number");
        assertThatThrownBy(() -> TestServer.connect("password=a&password=b")).hasMessageContaining("given twice");
        assertThatThrownBy(() -> TestServer.connect("options=%zz")).hasMessageContaining("percent sign");
    }

    @Test
    void whatTheServerRefusesIsItsOwnError() {
        assertThatThrownBy(() -> DriverManager.getConnection(
                        "jdbc:mortise:postgresql://localhost:" + TestServer.port() + "/nowhere?user=postgres"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("3D000"));
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:postgresql://localhost:1/postgres"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
    }

    @Test
    void aReadOnlyConnectionWritesNothing() throws SQLException {
        try (Connection connection = TestServer.connect("READ_ONLY=true")) {
            assertThat(connection.isReadOnly()).isTrue();
            assertThatThrownBy(() -> TestServer.run(connection, "CREATE TABLE NEVER (ID INT)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        }
    }

    @Test
    void batchesKeysAndSavepointsArePgjdbcs() throws SQLException {
        try (Connection connection = TestServer.connect()) {
            TestServer.run(connection, "CREATE TEMPORARY TABLE KEPT (ID SERIAL PRIMARY KEY, V INT)");
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO KEPT (V) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                for (int i = 0; i < 3; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).containsExactly(1, 1, 1);
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    assertThat(keys.next()).isTrue();
                    assertThat(keys.getInt(1)).isEqualTo(1);
                }
            }
            connection.setAutoCommit(false);
            var savepoint = connection.setSavepoint();
            TestServer.run(connection, "DELETE FROM KEPT");
            connection.rollback(savepoint);
            connection.commit();
            assertThat(TestServer.one(connection, "SELECT count(*), $$;$$ FROM KEPT"))
                    .isEqualTo("3");
        }
    }
}
