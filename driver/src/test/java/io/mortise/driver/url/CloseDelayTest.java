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

/** Settings of H2 in the URL, which the driver sets without a statement where nobody can tell: beside plain H2. */
final class CloseDelayTest {
    private static final String DELAY =
            "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'DB_CLOSE_DELAY'";
    private static final String SET_BY_A_STATEMENT =
            "SELECT SUM(EXECUTION_COUNT) FROM INFORMATION_SCHEMA.QUERY_STATISTICS WHERE SQL_STATEMENT LIKE 'SET DB_C%'";

    private final String name = "mem:" + UUID.randomUUID();

    /** Each login with its settings, and what it sees, or its error. */
    private static List<String> logins(String database, List<String> settings) throws SQLException {
        List<String> seen = new ArrayList<>();
        try (Connection keeper = DriverManager.getConnection(database, "sa", "");
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE USER IF NOT EXISTS JOE PASSWORD 'j'");
            for (String each : settings) {
                for (String user : List.of("sa", "joe", "sa")) {
                    seen.add(each + " by " + user + ": " + login(database + each, user));
                    seen.add("set now: " + one(statement, DELAY));
                    seen.add("sessions: " + one(statement, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS"));
                }
            }
            statement.execute("DROP USER JOE");
        }
        return seen;
    }

    private static String login(String url, String user) {
        try (Connection connection = DriverManager.getConnection(url, user, user.equals("sa") ? "" : "j");
                Statement statement = connection.createStatement()) {
            return one(statement, "SELECT CURRENT_USER || ', ' || COALESCE(CAST(@A AS VARCHAR), 'no A')");
        } catch (SQLException e) {
            return String.valueOf(e.getErrorCode());
        }
    }

    private static String one(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "none";
        }
    }

    @Test
    void whatIsSetAndRefusedIsSetAndRefusedAsInH2(@TempDir Path directory) throws SQLException {
        List<String> settings = List.of(
                ";DB_CLOSE_DELAY=-1",
                ";DB_CLOSE_DELAY=5",
                ";db_close_delay=-1;DB_CLOSE_ON_EXIT=FALSE",
                ";DB_CLOSE_DELAY=0",
                ";DB_CLOSE_DELAY=-2",
                ";DB_CLOSE_DELAY=-2;IGNORE_UNKNOWN_SETTINGS=TRUE",
                ";DB_CLOSE_DELAY=7;IGNORE_UNKNOWN_SETTINGS=TRUE",
                ";DB_CLOSE_DELAY=7;INIT=SET @A = 3",
                ";DB_CLOSE_DELAY=7;DB_CLOSE_DELAY=7",
                ";DB_CLOSE_DELAY=7;MODE=MySQL",
                ";DB_CLOSE_DELAY=7;DATABASE_TO_LOWER=TRUE",
                ";DB_CLOSE_DELAY=x",
                ";DB_CLOSE_DELAY=0");

        assertThat(logins("jdbc:mortise:" + name, settings)).isEqualTo(logins("jdbc:h2:" + name + "h", settings));
        assertThat(logins("jdbc:mortise:file:" + directory.resolve("m"), settings))
                .isEqualTo(logins("jdbc:h2:file:" + directory.resolve("h"), settings));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mortise", "h2"})
    void theDatabaseStaysAsLongAsTheLastLoginSays(String driver) throws SQLException {
        String url = "jdbc:" + driver + ":" + name;
        login(url + ";DB_CLOSE_DELAY=-1", "sa");
        try (Connection connection = DriverManager.getConnection(url + ";DB_CLOSE_DELAY=-1", "sa", "")) {
            connection.createStatement().execute("CREATE TABLE T(ID INT)");
        }
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            assertThat(one(connection.createStatement(), "SELECT COUNT(*) FROM T"))
                    .isEqualTo("0");
        }

        login(url + ";DB_CLOSE_DELAY=0", "sa");

        try (Connection connection = DriverManager.getConnection(url + ";DB_CLOSE_DELAY=0", "sa", "")) {
            assertThat(one(
                            connection.createStatement(),
                            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'"))
                    .isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mortise", "h2"})
    void whoCountsStatementsCountsIt(String driver) throws SQLException {
        String url = "jdbc:" + driver + ":" + name + ";DB_CLOSE_DELAY=1";
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("SET QUERY_STATISTICS TRUE");

            login(url, "sa");
            login(url, "sa");

            assertThat(one(statement, SET_BY_A_STATEMENT)).isEqualTo("2");
            statement.execute("SHUTDOWN");
        }
    }

    @Test
    void aLoginThatSetsWhatIsSetLeavesTheStatementsOfOthersAsTheyWereRead() throws SQLException {
        String url = "jdbc:mortise:" + name + ";DB_CLOSE_DELAY=1";
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            SessionLocal session =
                    (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
            long before = session.getDatabase().getModificationMetaId();

            login(url, "sa");
            assertThat(session.getDatabase().getModificationMetaId()).isEqualTo(before);

            login("jdbc:mortise:" + name + ";DB_CLOSE_DELAY=0", "sa");
            assertThat(session.getDatabase().getModificationMetaId()).isGreaterThan(before);
        }
    }
}
