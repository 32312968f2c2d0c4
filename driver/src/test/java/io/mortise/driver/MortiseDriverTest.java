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
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What tools ask a driver before and right after they connect. */
final class MortiseDriverTest {
    @Test
    @DisplayName("1 the service loader finds exactly one driver of ours")
    void theServiceLoaderFindsOneDriver() {
        assertThat(ServiceLoader.load(Driver.class).stream()
                        .filter(provider -> provider.type().getName().startsWith("io.mortise"))
                        .map(ServiceLoader.Provider::type))
                .isEqualTo(List.of(MortiseDriver.class));
    }

    @Test
    @DisplayName("4 made by its constructor, it is registered once all the same")
    void aDriverMadeByHandIsNotRegisteredAgain() throws Exception {
        Class<?> named = Class.forName("io.mortise.driver.MortiseDriver");
        Driver made = (Driver) named.getConstructor().newInstance();

        assertThat(made.acceptsURL("jdbc:mortise:mem:a")).isTrue();
        assertThat(DriverManager.drivers().filter(MortiseDriver.class::isInstance))
                .hasSize(1);
    }

    @Test
    @DisplayName("3 acceptsURL(null) is an error, and a URL of H2's is not ours")
    void acceptsUrlRefusesNull() throws Exception {
        MortiseDriver driver = new MortiseDriver();

        assertThat(driver.acceptsURL("jdbc:mortise:mem:x")).isTrue();
        assertThat(driver.acceptsURL("jdbc:h2:mem:x")).isFalse();
        assertThatThrownBy(() -> driver.acceptsURL(null))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"));
    }

    @Test
    @DisplayName("6 getURL is the canonical one, without the password")
    void theUrlOfAConnectionIsCanonical() throws Exception {
        try (Connection connection =
                DriverManager.getConnection("jdbc:mortise:mem:a;USER=sa;PASSWORD=secret;LOCK_TIMEOUT=5")) {
            assertThat(connection.getMetaData().getURL()).isEqualTo("jdbc:mortise:h2:mem:a");
            assertThat(connection).asString().doesNotContain("secret");
        }
    }

    @Test
    @DisplayName("2 a URL of another driver: connect returns null")
    void aUrlOfAnotherDriverIsNotOurs() throws Exception {
        MortiseDriver driver = new MortiseDriver();

        assertThat(driver.connect("jdbc:other:x", new Properties())).isNull();
        assertThat(driver.acceptsURL("jdbc:other:x")).isFalse();
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:other:x"))
                .hasMessageContaining("No suitable driver");
    }

    @Test
    @DisplayName("5 every setting is described, with choices and values, and the password is never shown")
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
    @DisplayName("8 there is a parent logger")
    void thereIsALogger() {
        assertThat(new MortiseDriver().getParentLogger()).isNotNull();
    }

    @Test
    @DisplayName("9 frameworks are told that it is H2, through our driver of JDBC 4.3")
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
    @DisplayName("7 an unknown property is a warning, an unknown key in the URL an error")
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
