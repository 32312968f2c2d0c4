package io.mortise.driver.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.setting.Setting;
import java.sql.SQLException;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownUrlsTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    @Test
    void theSecondTimeIsAsTheFirst() throws SQLException {
        String text = url + ";LOCK_TIMEOUT=7;DB_CLOSE_DELAY=-1;REPORT_URL=H2";

        ConnectionUrl first = KnownUrls.parse(text, login("sa", "one"));
        ConnectionUrl second = KnownUrls.parse(text, login("other", "two"));

        assertThat(KnownUrls.kept()).contains(text);
        assertThat(first).isEqualTo(ConnectionUrl.parse(text, login("sa", "one")));
        assertThat(second).isEqualTo(ConnectionUrl.parse(text, login("other", "two")));
        assertThat(second.request().settings().get(Setting.LOCK_TIMEOUT))
                .isEqualTo(ConnectionUrl.parse(text, login("", ""))
                        .request()
                        .settings()
                        .get(Setting.LOCK_TIMEOUT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ";PASSWORD=secret",
                ";user=sa;password=secret",
                ";Password=secret",
                ";INIT=ALTER USER SA SET PASSWORD 'secret'",
                ";AUTHREALM=x;authzpwd=secret"
            })
    void aUrlWithASecretIsNotKept(String settings) throws SQLException {
        ConnectionUrl parsed = KnownUrls.parse(url + settings, new Properties());

        assertThat(parsed).isEqualTo(ConnectionUrl.parse(url + settings, new Properties()));
        assertThat(KnownUrls.kept()).noneMatch(text -> text.contains("secret"));
    }

    @Test
    void thePasswordOfTheUrlAndAnotherOfThePropertiesContradictEachOtherEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> KnownUrls.parse(url + ";PASSWORD=", login("sa", "two")))
                    .hasMessageContaining("PASSWORD is given twice");
        }
    }

    @Test
    void settingsAmongThePropertiesCountAlsoWhereTheUrlIsKnown() throws SQLException {
        KnownUrls.parse(url, login("sa", ""));
        Properties more = login("sa", "");
        more.setProperty("lockTimeout", "7");
        Properties notText = login("sa", "x");
        notText.put("password", "secret".toCharArray());
        Properties behind = new Properties(more);
        behind.put("user", "sa");
        Properties inPlace = new Properties(login("sa", "secret"));
        inPlace.put("user", "sa");
        inPlace.put("lockTimeout", 7);

        for (Properties properties : new Properties[] {more, notText, behind, inPlace, new Properties()}) {
            assertThat(KnownUrls.parse(url, properties)).isEqualTo(ConnectionUrl.parse(url, properties));
        }
    }

    @Test
    void aBadUrlIsRefusedEachTime() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> KnownUrls.parse(url + ";XYZZY=1", login("sa", "")))
                    .hasMessageContaining("Unknown setting XYZZY");
        }
        assertThat(KnownUrls.kept()).doesNotContain(url + ";XYZZY=1");
    }

    @Test
    void onlySoManyAreKeptAndNoneThatIsLong() throws SQLException {
        for (int i = 0; i < 200; i++) {
            KnownUrls.parse(url + i, login("sa", ""));
        }
        String longest = url + ";APPLICATION_NAME=" + "x".repeat(2_000);
        KnownUrls.parse(longest, login("sa", ""));

        assertThat(KnownUrls.kept()).hasSizeLessThan(100).contains(url + 199).doesNotContain(longest);
    }

    private static Properties login(String user, String password) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        return properties;
    }
}
