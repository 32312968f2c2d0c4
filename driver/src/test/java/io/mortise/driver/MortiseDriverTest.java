package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Properties;
import java.util.ServiceLoader;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;

/** What tools ask a driver before and right after they connect. */
final class MortiseDriverTest {
    @Test
    void theServiceLoaderFindsOneDriverAndItIsRegisteredOnce() throws Exception {
        long provided = ServiceLoader.load(Driver.class).stream()
                .filter(provider -> provider.type() == MortiseDriver.class)
                .count();
        MortiseDriver.class.getConstructor().newInstance();
        long registered = DriverManager.drivers()
                .filter(driver -> driver instanceof MortiseDriver)
                .count();

        assertThat(provided).isEqualTo(1);
        assertThat(registered).isEqualTo(1);
    }

    @Test
    void aUrlOfAnotherDriverIsNotOurs() throws Exception {
        MortiseDriver driver = new MortiseDriver();

        assertThat(driver.acceptsURL("jdbc:mortise:mem:x")).isTrue();
        assertThat(driver.acceptsURL("jdbc:h2:mem:x")).isFalse();
        assertThat(driver.connect("jdbc:other:x", new Properties())).isNull();
        assertThatThrownBy(() -> driver.acceptsURL(null))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"));
    }

    @Test
    void everySettingIsDescribedAndThePasswordNeverShown() {
        Properties properties = new Properties();
        properties.setProperty("user", "sa");
        properties.setProperty("password", "secret");
        properties.setProperty("lockPolicy", "sqream");

        DriverPropertyInfo[] all =
                new MortiseDriver().getPropertyInfo("jdbc:mortise:mem:x;SESSION_BUSY=WAIT;PASSWORD=secret", properties);

        assertThat(all).hasSizeGreaterThan(10).allSatisfy(property -> {
            assertThat(property.description).isNotBlank();
            assertThat(property.value).isNotEqualTo("secret");
        });
        assertThat(named(all, "SESSION_BUSY").choices).containsExactly("FAIL", "WAIT", "RETRY");
        assertThat(named(all, "SESSION_BUSY").value).isEqualTo("WAIT");
        assertThat(named(all, "LOCK_POLICY").value).isEqualTo("sqream");
        assertThat(named(all, "user").value).isEqualTo("sa");
    }

    private static DriverPropertyInfo named(DriverPropertyInfo[] all, String name) {
        return Arrays.stream(all)
                .filter(property -> property.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void thereIsALogger() {
        assertThat(new MortiseDriver().getParentLogger()).isNotNull();
    }

    @Test
    void frameworksAreToldThatItIsH2ThroughOurDriver() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:a;USER=sa;PASSWORD=secret")) {
            DatabaseMetaData meta = connection.getMetaData();

            assertThat(meta.getDatabaseProductName()).isEqualTo("H2");
            assertThat(meta.getDatabaseProductVersion()).startsWith("2.5.252 (");
            assertThat(meta.getDatabaseMajorVersion()).isEqualTo(2);
            assertThat(meta.getDatabaseMinorVersion()).isEqualTo(5);
            assertThat(meta.getDriverName()).isEqualTo("Mortise JDBC Driver");
            assertThat(meta.getJDBCMajorVersion() + "." + meta.getJDBCMinorVersion())
                    .isEqualTo("4.3");
            assertThat(meta.getURL()).isEqualTo("jdbc:mortise:h2:mem:a");
            assertThat(meta.getConnection()).isSameAs(connection);
        }
    }

    @Test
    void anUnknownPropertyIsAWarningAndAnUnknownKeyInTheUrlAnError() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("foo", "bar");
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:", properties)) {
            assertThat(connection.getWarnings().getMessage()).contains("foo");
            connection.clearWarnings();
            assertThat((Throwable) connection.getWarnings()).isNull();
        }
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:;FOO=bar"))
                .isInstanceOfSatisfying(SQLException.class, e -> {
                    assertThat(e.getSQLState()).isEqualTo("08001");
                    assertThat(e.getErrorCode()).isEqualTo(90113);
                });
    }

    @Test
    void aConnectionUnwrapsToOurTypeAndToH2s() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:")) {
            assertThat(connection.isWrapperFor(MortiseConnection.class)).isTrue();
            assertThat(connection.isWrapperFor(JdbcConnection.class)).isTrue();
            assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
            assertThat(connection.unwrap(JdbcConnection.class).isClosed()).isFalse();
            assertThat(connection.isWrapperFor(String.class)).isFalse();
            assertThatThrownBy(() -> connection.unwrap(String.class)).isInstanceOf(SQLException.class);
        }
    }
}
