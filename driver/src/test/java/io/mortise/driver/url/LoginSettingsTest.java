package io.mortise.driver.url;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of H2 in the URL, beside plain H2: of the first login and of later ones, by all kinds of users. */
final class LoginSettingsTest {
    /** Each is the first login's once, and then that of later ones. */
    private static final List<String> SETTINGS = List.of(
            "",
            ";MODE=PostgreSQL",
            ";mode=postgresql;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE",
            ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE",
            ";MODE=Regular",
            ";MODE=Nothing",
            ";DEFAULT_NULL_ORDERING=low",
            ";DEFAULT_NULL_ORDERING=FIRST",
            ";DEFAULT_NULL_ORDERING=sideways",
            ";DB_CLOSE_ON_EXIT=TRUE",
            ";SCHEMA=PUBLIC",
            ";SCHEMA=shop;LOCK_TIMEOUT=1234",
            ";SCHEMA=Shop;INIT=CREATE TABLE IF NOT EXISTS MADE(ID INT)",
            ";SCHEMA=NOWHERE",
            ";SCHEMA=USER",
            ";SCHEMA=INFORMATION_SCHEMA",
            ";LOCK_TIMEOUT=0",
            ";NON_KEYWORDS=VALUE",
            ";NON_KEYWORDS=value,key,nothing",
            ";NON_KEYWORDS=,",
            ";IGNORECASE=TRUE",
            ";IGNORECASE=TRUE;DB_CLOSE_DELAY=3",
            ";IGNORECASE=FALSE",
            ";TRACE_LEVEL_FILE=0",
            ";TRACE_LEVEL_FILE=1",
            ";TRACE_LEVEL_FILE=x",
            ";IFEXISTS=TRUE",
            ";IFEXISTS=FALSE;MODE=Oracle",
            ";INIT=CREATE SCHEMA IF NOT EXISTS X",
            ";INIT=CREATE SCHEMA IF NOT EXISTS X\\;SET SCHEMA X",
            ";INIT=NONSENSE",
            ";INIT=CREATE TABLE IF NOT EXISTS I(VALUE INT);NON_KEYWORDS=VALUE",
            ";MODE=PostgreSQL;IGNORE_UNKNOWN_SETTINGS=TRUE;SCHEMA=NOWHERE");

    private static final String SETTING =
            "SELECT LISTAGG(SETTING_NAME || '=' || SETTING_VALUE, ' ') WITHIN GROUP (ORDER"
                    + " BY SETTING_NAME) FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME IN ('MODE', 'DEFAULT_NULL_ORDERING',"
                    + " 'NON_KEYWORDS', 'IGNORECASE', 'DB_CLOSE_DELAY', 'TRACE_LEVEL_FILE', 'DATABASE_TO_UPPER')";

    private final String name = UUID.randomUUID().toString();

    /** What each login sees, and those that come later, or the error. */
    private static List<String> logins(String place, String settings) throws SQLException {
        List<String> seen = new ArrayList<>();
        String url = "jdbc:" + place + settings;
        seen.add("first by sa: " + login(url, "sa"));
        try (Connection keeper = DriverManager.getConnection("jdbc:" + place, "sa", "");
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE USER IF NOT EXISTS JOE PASSWORD 'j'");
            statement.execute("CREATE SCHEMA IF NOT EXISTS SHOP");
            for (String each :
                    List.of("", "MODE PostgreSQL", "IGNORECASE TRUE", "TRACE_LEVEL_FILE 0", "MODE REGULAR")) {
                if (!each.isEmpty()) {
                    statement.execute("SET " + each);
                }
                for (String user : List.of("sa", "joe", "sa")) {
                    seen.add(each + " by " + user + ": " + login(url, user));
                    seen.add("then: " + one(statement, SETTING));
                }
            }
            statement.execute("SHUTDOWN");
        }
        return seen;
    }

    private static String login(String url, String user) {
        try (Connection connection = DriverManager.getConnection(url, user, user.equals("sa") ? "" : "j");
                Statement statement = connection.createStatement()) {
            String timeout = url.contains("LOCK_TIMEOUT") ? one(statement, "CALL LOCK_TIMEOUT()") : "";
            return one(statement, "CALL CURRENT_SCHEMA") + " " + timeout + " " + one(statement, SETTING)
                    + one(statement, "SELECT MAX(A) FROM (VALUES ('a'), ('B')) V(A)") + order(statement);
        } catch (SQLException e) {
            return e.getErrorCode() + " " + e.getSQLState();
        }
    }

    private static String order(Statement statement) throws SQLException {
        return one(statement, "SELECT A FROM (VALUES (1), (NULL)) V(A) ORDER BY A");
    }

    private static String one(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "none";
        }
    }

    @Test
    void whatIsSetAndRefusedIsSetAndRefusedAsInH2(@TempDir Path directory) throws SQLException {
        for (int i = 0; i < SETTINGS.size(); i++) {
            String settings = SETTINGS.get(i);
            assertThat(logins("mortise:mem:" + name + i, settings))
                    .as(settings)
                    .isEqualTo(logins("h2:mem:" + name + i + "h", settings));
            assertThat(logins("mortise:file:" + directory.resolve("m" + i), settings))
                    .as(settings)
                    .isEqualTo(logins("h2:file:" + directory.resolve("h" + i), settings));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mortise", "h2"})
    void whoCountsStatementsCountsThose(String driver) throws SQLException {
        String url = "jdbc:" + driver + ":mem:" + name;
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SET QUERY_STATISTICS TRUE");

            login(url + ";MODE=Regular;SCHEMA=PUBLIC", "sa");
            login(url + ";MODE=Regular;SCHEMA=PUBLIC", "sa");

            assertThat(one(
                            statement,
                            "SELECT SUM(EXECUTION_COUNT) FROM INFORMATION_SCHEMA.QUERY_STATISTICS WHERE SQL_STATEMENT IN"
                                    + " ('SET MODE Regular', 'SET SCHEMA PUBLIC')"))
                    .isEqualTo("4");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ";MODE=Regular",
                ";SCHEMA=PUBLIC;NON_KEYWORDS=VALUE",
                ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=1"
            })
    void aLoginThatSetsWhatIsSetLeavesTheStatementsOfOthersAsTheyWereRead(String settings) throws SQLException {
        String url = "jdbc:mortise:mem:" + name;
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            SessionLocal session =
                    (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
            long before = session.getDatabase().getModificationMetaId();

            login(url + settings, "sa");
            assertThat(session.getDatabase().getModificationMetaId()).isEqualTo(before);

            login(url + settings + ";DEFAULT_NULL_ORDERING=LAST", "sa");
            assertThat(session.getDatabase().getModificationMetaId()).isGreaterThan(before);
        }
    }
}
