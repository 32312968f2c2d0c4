package io.mortise.driver.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.setting.Setting;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConnectionUrlTest {
    @ParameterizedTest
    @CsvSource({
        "jdbc:mortise:mem:a, jdbc:mortise:h2:mem:a",
        "jdbc:mortise:h2:mem:a, jdbc:mortise:h2:mem:a",
        "jdbc:mortise:mem:, jdbc:mortise:h2:mem:",
        "jdbc:mortise:file:/data/a, jdbc:mortise:h2:file:/data/a",
        "jdbc:mortise:h2:/data/a, jdbc:mortise:h2:file:/data/a",
        "jdbc:mortise:./a, jdbc:mortise:h2:file:./a",
        "jdbc:mortise:h2:../a, jdbc:mortise:h2:file:../a",
        "jdbc:mortise:~/a, jdbc:mortise:h2:file:~/a",
        "jdbc:mortise:C:/a, jdbc:mortise:h2:file:C:/a",
        "jdbc:mortise:tcp://host:9092/a, jdbc:mortise:h2:tcp://host:9092/a",
        "jdbc:mortise:h2:zip:~/a.zip!/b, jdbc:mortise:h2:zip:~/a.zip!/b"
    })
    void everyFormHasOneCanonicalSpelling(String given, String canonical) throws Exception {
        ConnectionUrl url = parse(given);

        assertThat(url.canonical()).isEqualTo(canonical);
        assertThat(url.request().storageUrl()).isEqualTo(canonical.replace("jdbc:mortise:", "jdbc:"));
    }

    @Test
    void ourSettingsAreTakenOutAndStoragesStay() throws Exception {
        ConnectionUrl url =
                parse("jdbc:mortise:mem:a;sessionBusy=wait;MODE=PostgreSQL;Lock_Timeout=100;DB_CLOSE_DELAY=-1");

        assertThat(url.request().settings().texts())
                .isEqualTo(Map.of(Setting.SESSION_BUSY, "WAIT", Setting.LOCK_TIMEOUT, "100"));
        assertThat(url.request().storageUrl()).isEqualTo("jdbc:h2:mem:a;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
        assertThat(url.canonical()).isEqualTo("jdbc:mortise:h2:mem:a");
    }

    @Test
    void anEscapedSemicolonDoesNotEndASetting() throws Exception {
        ConnectionUrl url = parse("jdbc:mortise:mem:a;INIT=CREATE SCHEMA X\\;SET SCHEMA X;SESSION_BUSY=RETRY");

        assertThat(url.request().storageUrl()).isEqualTo("jdbc:h2:mem:a;INIT=CREATE SCHEMA X\\;SET SCHEMA X");
        assertThat(url.request().settings().texts()).containsEntry(Setting.SESSION_BUSY, "RETRY");
    }

    @Test
    void userAndPasswordMayStandInTheUrlOrInTheProperties() throws Exception {
        ConnectionUrl inUrl = parse("jdbc:mortise:mem:a;USER=sa;PASSWORD=secret");
        Properties properties = new Properties();
        properties.put("user", "sa");
        properties.put("password", "secret".toCharArray());
        ConnectionUrl inProperties = ConnectionUrl.parse("jdbc:mortise:mem:a", properties);

        for (ConnectionUrl url : new ConnectionUrl[] {inUrl, inProperties}) {
            assertThat(url.request().user()).isEqualTo("sa");
            assertThat(url.request().password()).isEqualTo("secret");
            assertThat(url.canonical() + url.request().storageUrl()).doesNotContain("secret");
        }
    }

    @Test
    void propertiesMayHaveDefaultsAndValuesThatAreNotText() throws Exception {
        Properties defaults = new Properties();
        defaults.setProperty("lockTimeout", "7");
        Properties properties = new Properties(defaults);
        properties.put("SESSION_BUSY_TIMEOUT", 5);
        properties.put("MODE", "MySQL");
        properties.put("foo", "bar");

        ConnectionUrl url = ConnectionUrl.parse("jdbc:mortise:mem:a", properties);

        assertThat(url.request().settings().texts())
                .isEqualTo(Map.of(Setting.LOCK_TIMEOUT, "7", Setting.SESSION_BUSY_TIMEOUT, "5"));
        assertThat(url.request().properties()).isEqualTo(Map.of("MODE", "MySQL"));
        assertThat(url.unknownProperties()).containsExactly("foo");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:mortise:mem:a;LOCK_TIMOUT=1       | 08001 | 90113 | Unknown setting LOCK_TIMOUT. No connection was made. Did you mean LOCK_TIMEOUT? docs/settings.md lists them.
            jdbc:mortise:mem:a;DB_CLOSE_DELAI=1    | 08001 | 90113 | Unknown setting DB_CLOSE_DELAI. No connection was made. Did you mean DB_CLOSE_DELAY? docs/settings.md lists them.
            jdbc:mortise:mem:a;XYZZY=1             | 08001 | 90113 | Unknown setting XYZZY. No connection was made. docs/settings.md lists them.
            jdbc:mortise:mem:a;LOCK_TIMEOUT=soon   | 22023 | 90008 | LOCK_TIMEOUT=soon is not a whole number of ms. No connection was made.
            jdbc:mortise:mem:a;LOCK_TIMEOUT=       | 22023 | 90008 | LOCK_TIMEOUT= is not a whole number of ms. No connection was made.
            jdbc:mortise:mem:a;SESSION_BUSY=never  | 22023 | 90008 | SESSION_BUSY=never is not one of FAIL, WAIT, RETRY. No connection was made.
            jdbc:mortise:mem:a;SESSION_TIMEOUT=5000| 22023 | 374   | SESSION_TIMEOUT=5000 is larger than 3600 s, the most it can be. No session was made.
            jdbc:mortise:mem:a;SESSION_BUSY        | 08001 | 90046 | Setting SESSION_BUSY has no value. No connection was made. Write SESSION_BUSY=VALUE.
            jdbc:mortise:mem:a;SESSION_BUSY=FAIL;sessionbusy=WAIT | 08001 | 90046 | SESSION_BUSY is given twice, with different values. No connection was made. Leave one out.
            jdbc:mortise:mem:a;PASSWORD=x;password=y | 08001 | 90046 | PASSWORD is given twice, with different values. No connection was made. Leave one out.
            """)
    void aBadSettingIsRefusedByName(String url, String sqlState, int vendorCode, String message) {
        assertThatThrownBy(() -> parse(url)).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getMessage()).isEqualTo(message);
            assertThat(e.getSQLState()).isEqualTo(sqlState);
            assertThat(e.getErrorCode()).isEqualTo(vendorCode);
        });
    }

    @Test
    void aUrlThatCanNotBeUsedIsToldTheForms() {
        assertThatThrownBy(() -> parse("jdbc:mortise:mysql://host/db;PASSWORD=secret"))
                .hasMessageContaining("jdbc:mortise:h2:mem:NAME")
                .hasMessageNotContaining("secret");
    }

    @Test
    void aUrlWhoseArtifactIsMissingNamesIt() {
        for (String url : List.of("jdbc:mortise:postgresql://host/db?password=secret", "jdbc:mortise:PostgreSQL:db")) {
            assertThatThrownBy(() -> parse(url))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"))
                    .hasMessageContaining("need io.mortise:mortise-postgresql, which is not on the class path")
                    .hasMessageNotContaining("secret");
        }
    }

    private static ConnectionUrl parse(String url) throws SQLException {
        return ConnectionUrl.parse(url, new Properties());
    }
}
