package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is opened and closed again and again, and one that is closed with a few hundred sessions in it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class AgainAndAgainTest {
    /** What a life begins with: each changes how H2 writes, or how the engine locks. */
    private static final List<String> SETTINGS =
            List.of("", ";WRITE_DELAY=0", ";LOCK_POLICY=kognitio", ";LOCK_POLICY=sqream", ";DEFRAG_ALWAYS=TRUE");

    @TempDir
    Path folder;

    private Connection connect(String prefix, String settings) throws SQLException {
        return DriverManager.getConnection(prefix + "file:" + folder.resolve("db") + settings, "sa", "");
    }

    private static long rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT COUNT(*), COUNT(DISTINCT N) FROM T")) {
            result.next();
            assertThat(result.getLong(2)).isEqualTo(result.getLong(1));
            return result.getLong(1);
        }
    }

    @Test
    void aFileIsOpenedTwentyTimes() throws SQLException {
        open(20);
    }

    @Tag("nightly")
    @Test
    void aFileIsOpenedTwoHundredTimes() throws SQLException {
        open(200);
    }

    private void open(int times) throws SQLException {
        make();
        for (int life = 0; life < times; life++) {
            try (Connection connection = connect("jdbc:mortise:", SETTINGS.get(life % SETTINGS.size()));
                    Statement statement = connection.createStatement()) {
                assertThat(rows(connection)).as("life %d", life).isEqualTo(2L * life);
                statement.execute("INSERT INTO T(V) VALUES (REPEAT('x', 5000))");
                connection.setAutoCommit(false);
                statement.execute("INSERT INTO T(V) VALUES (REPEAT('y', 5000))");
                connection.commit();
                statement.execute("INSERT INTO T(V) VALUES ('nobody commits this')");
            }
            try (Connection plain = connect("jdbc:h2:", "")) {
                assertThat(rows(plain)).as("plain H2, life %d", life).isEqualTo(2L * life + 2);
            }
        }
    }

    private void make() throws SQLException {
        try (Connection connection = connect("jdbc:h2:", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(N BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, V CLOB)");
        }
    }

    /** Half of them are in a transaction that nobody commits; H2 has room for 255 transactions. */
    @ParameterizedTest
    @ValueSource(strings = {"closed one by one", "SHUTDOWN", "SHUTDOWN COMPACT", "SHUTDOWN IMMEDIATELY"})
    void aFileIsClosedWithThreeHundredSessionsInIt(String end) throws SQLException {
        make();
        List<Connection> sessions = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Connection session = connect("jdbc:mortise:", ";WRITE_DELAY=0");
            sessions.add(session);
            try (Statement statement = session.createStatement()) {
                statement.execute("INSERT INTO T(V) VALUES ('there')");
                if (i % 2 == 0) {
                    session.setAutoCommit(false);
                    statement.execute("INSERT INTO T(V) VALUES ('not there')");
                }
            }
        }
        if (end.startsWith("SHUTDOWN")) {
            try (Statement statement = sessions.get(151).createStatement()) {
                statement.execute(end);
            }
        }
        for (Connection session : sessions) {
            session.close();
        }
        try (Connection plain = connect("jdbc:h2:", "")) {
            assertThat(rows(plain)).isEqualTo(300);
        }
    }
}
