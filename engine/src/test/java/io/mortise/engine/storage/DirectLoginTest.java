package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.h2.engine.ConnectionInfo;
import org.h2.jdbc.JdbcConnection;
import org.h2.security.SHA256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** H2's own reading of a URL, and a login that has nothing to read. */
final class DirectLoginTest {
    @ParameterizedTest
    @CsvSource({
        "jdbc:h2:mem:a, sa, ''",
        "jdbc:h2:mem:a, Ä, pass word",
        "jdbc:h2:mem:, '', ''",
        "jdbc:h2:mem:a, '', secret",
        "jdbc:h2:file:./a, sa, ''",
        "jdbc:h2:~/a, sa, x",
        "jdbc:h2:., sa, ''",
        "jdbc:h2:nio:/data/a, sa, ''",
        "jdbc:h2:a, sa, ''",
        "jdbc:h2:mem:a;DB_CLOSE_DELAY=-1, sa, ''",
        "jdbc:h2:mem:a;db_close_delay=10;DB_CLOSE_ON_EXIT=false, sa, x",
        "jdbc:h2:file:./a;DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE;DB_CLOSE_DELAY=0, sa, ''",
        "jdbc:h2:mem:a;DATABASE_TO_LOWER=TRUE, sa, ''",
        "jdbc:h2:mem:a;mode=MySQL;SCHEMA=s;IFEXISTS=TRUE;IGNORECASE=TRUE;DEFAULT_NULL_ORDERING=high, sa, ''",
        "'jdbc:h2:mem:a;DB_CLOSE_DELAY=-1;INIT=SET @A = 1;TRACE_LEVEL_FILE=0;NON_KEYWORDS=VALUE,key', sa, ''"
    })
    void whatIsAskedForIsWhatH2MakesOfIt(String url, String user, String password) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        String ofTables = LockingTableEngine.SETTING + "=" + LockingTableEngine.class.getName();
        ConnectionInfo byH2 = new ConnectionInfo(url + ";" + ofTables, properties, null, null);
        byH2.setOriginalURL(url);

        assertThat(fields(DirectLogin.asked(covered(url), user, password)))
                .usingRecursiveComparison()
                .isEqualTo(fields(byH2));
    }

    @ParameterizedTest
    @CsvSource({
        "SA, ''",
        "SA, secret",
        "'', x",
        "Ä€, \uD800 alone",
        "SA, 'much longer than what one step of the hash takes, so that there are two'"
    })
    void whatIsMadeOfThePasswordIsWhatH2MakesOfIt(String user, String password) {
        byte[] byH2 = SHA256.getKeyPasswordHash(user, password.toCharArray());

        assertThat(DirectLogin.hash(user, password)).isEqualTo(byH2);
        assertThat(DirectLogin.hash(user, password)).isEqualTo(byH2);
    }

    private static PlainSettings covered(String url) {
        return DirectLogin.covered(url, Map.of()).orElseThrow();
    }

    private static JdbcConnection connect(String url, String user, String password) throws SQLException {
        return DirectLogin.connect(covered(url), user, password);
    }

    private static Map<String, Object> fields(ConnectionInfo info) throws IllegalAccessException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Field field : ConnectionInfo.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                Object value = field.get(info);
                fields.put(field.getName(), value == null ? "none" : value);
            }
        }
        return fields;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MODE='MySQL'",
                "MODE=MySQL;MODE=MySQL",
                "SCHEMA=\"s\"",
                "NON_KEYWORDS=,",
                "TRACE_LEVEL_FILE=4",
                "INIT=SET @A = 1\\;SET @B = 2",
                "CIPHER=AES",
                "IGNORE_UNKNOWN_SETTINGS=TRUE",
                "DB_CLOSE_DELAY=-1;DB_CLOSE_DELAY=-1",
                "DB_CLOSE_DELAY=-2",
                "DB_CLOSE_DELAY=",
                "DB_CLOSE_DELAY= 1",
                "DB_CLOSE_DELAY=9999999999",
                "DB_CLOSE_DELAY=1+1",
                "DB_CLOSE_DELAY",
                "DB_CLOSE_ON_EXIT=maybe",
                "DB_CLOSE_DELAY=-1;;DB_CLOSE_ON_EXIT=TRUE",
                "DB_CLOSE_DELAY=-1;AUTO_SERVER=TRUE",
                ""
            })
    void whoAsksForMoreIsReadByH2(String settings) {
        assertThat(DirectLogin.covered("jdbc:h2:mem:a;" + settings, Map.of())).isEmpty();
    }

    @Test
    void whoHasPropertiesIsReadByH2() {
        assertThat(DirectLogin.covered("jdbc:h2:mem:a", Map.of("MODE", "MySQL")))
                .isEmpty();
    }

    @Test
    void itsConnectionIsUsedAndClosedAsH2sOwn() throws SQLException {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        try (Connection keeper = DriverManager.getConnection(url, "sa", "")) {
            JdbcConnection direct = connect(url, "sa", "");
            try (Statement statement = direct.createStatement();
                    ResultSet row = statement.executeQuery("CALL CURRENT_USER")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).isEqualTo("SA");
            }
            assertThat(direct.getMetaData().getURL())
                    .isEqualTo(keeper.getMetaData().getURL());

            direct.close();
            direct.close();

            assertThat(direct.isClosed()).isTrue();
            assertThat(direct.unwrap(JdbcConnection.class)).isSameAs(direct);
        }
    }

    @Test
    void aWrongPasswordIsRefusedInH2sWords() throws SQLException {
        String url = "jdbc:h2:mem:" + UUID.randomUUID();
        try (Connection keeper = DriverManager.getConnection(url, "sa", "right")) {
            assertThatThrownBy(() -> connect(url, "sa", "wrong")).isInstanceOfSatisfying(SQLException.class, e -> {
                assertThat(e.getErrorCode()).isEqualTo(28000);
                assertThat(e.getSQLState()).isEqualTo("28000");
            });

            assertThat(keeper.isValid(0)).isTrue();
            connect(url, "SA", "right").close();
        }
    }

    @Test
    void whatCannotBeOpenedIsRefusedInH2sWords(@TempDir Path directory) throws SQLException {
        assertThatThrownBy(() -> connect("jdbc:h2:a", "sa", ""))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(90011))
                .hasMessageContaining("jdbc:h2:a");
    }
}
