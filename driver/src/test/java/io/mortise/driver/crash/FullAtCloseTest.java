package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk is full as the database closes: what was committed last is lost, and whoever closes it hears of that. */
@Timeout(value = 60)
final class FullAtCloseTest {
    @TempDir
    Path folder;

    private Connection connection;

    @BeforeEach
    void rowsThatAreNotInTheFileYet() throws SQLException {
        TightPath.mount();
        connection = open();
        run(
                "CREATE TABLE R(ID IDENTITY PRIMARY KEY, P VARCHAR)",
                "INSERT INTO R(P) VALUES('there')",
                "CHECKPOINT SYNC");
        run("INSERT INTO R(P) SELECT RANDOM_UUID() || REPEAT('x', 3000) FROM SYSTEM_RANGE(1, 500)");
    }

    private void run(String... texts) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String each : texts) {
                statement.execute(each);
            }
        }
    }

    private Connection open() throws SQLException {
        return open("");
    }

    private Connection open(String settings) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mortise:h2:tight:" + folder.resolve("db") + ";WRITE_DELAY=600000" + settings, "sa", "");
    }

    @Test
    void closingTheLastConnectionSaysSo() throws SQLException {
        TightPath.setRoom(0);
        assertThatThrownBy(connection::close).isInstanceOf(SQLException.class).hasStackTraceContaining(TightPath.FULL);
        opensAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHUTDOWN", "SHUTDOWN COMPACT", "SHUTDOWN DEFRAG"})
    void shutdownSaysSo(String shutdown) throws SQLException {
        TightPath.setRoom(0);
        assertThatThrownBy(() -> run(shutdown))
                .isInstanceOf(SQLException.class)
                .hasStackTraceContaining(TightPath.FULL);
        connection.close();
        opensAgain();
    }

    @Test
    void closingSaysSoWhereAWriteHasFailedInTheBackground() throws Exception {
        CountDownLatch release = TightPath.nextWriteFails();
        run("SET WRITE_DELAY 1");
        TightPath.awaitWrite();
        release.countDown();
        assertThatThrownBy(connection::close).isInstanceOf(SQLException.class).hasStackTraceContaining(TightPath.FULL);
        opensAgain();
    }

    /** H2 tells the first commit only, and acknowledges all others, of which no row is there afterwards. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingIsAcknowledgedAfterAWriteHasFailedInTheBackground(boolean autoCommit) throws Exception {
        try (Connection other = open()) {
            CountDownLatch release = TightPath.nextWriteFails();
            run("SET WRITE_DELAY 1");
            TightPath.awaitWrite();
            connection.setAutoCommit(autoCommit);
            release.countDown();
            untilItFails();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(this::insert).isInstanceOf(SQLException.class);
            }
            assertThatThrownBy(() -> other.createStatement().execute("INSERT INTO R(P) VALUES('another')"))
                    .isInstanceOf(SQLException.class);
            TightPath.close(connection);
            TightPath.close(other);
        }
        opensAgain();
    }

    @Test
    void norToAClientInAnotherProcess() throws Exception {
        connection.close();
        try (Connection server = open(";SERVE=tcp:0");
                Statement statement = server.createStatement();
                ResultSet at = statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
            at.next();
            String port = at.getString(1).replaceAll(".*:", "");
            connection = DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + port + "/db", "sa", "");
            CountDownLatch release = TightPath.nextWriteFails();
            run("SET WRITE_DELAY 1");
            TightPath.awaitWrite();
            release.countDown();
            untilItFails();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(this::insert).isInstanceOf(SQLException.class);
            }
            connection.close();
            TightPath.close(server);
        }
        opensAgain();
    }

    private void insert() throws SQLException {
        run("INSERT INTO R(P) VALUES('late')");
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    /** What is inserted before the failure is as lost as what was there: both within the write delay. */
    private void untilItFails() {
        boolean fails = false;
        while (!fails) {
            try {
                insert();
            } catch (SQLException e) {
                fails = true;
            }
        }
    }

    @Test
    void whoHasHeardOfItIsNotToldAgain() throws SQLException {
        TightPath.setRoom(0);
        assertThatThrownBy(() -> run("CHECKPOINT SYNC")).hasStackTraceContaining(TightPath.FULL);
        assertThatCode(connection::close).doesNotThrowAnyException();
        assertThatCode(connection::close).doesNotThrowAnyException();
        opensAgain();
    }

    @Test
    void whoeverClosesHasHeardNothingOfAnothersError() throws SQLException {
        try (Connection other = open()) {
            TightPath.setRoom(0);
            assertThatThrownBy(() -> other.createStatement().execute("CHECKPOINT SYNC"))
                    .hasStackTraceContaining(TightPath.FULL);
            assertThatThrownBy(connection::close).hasStackTraceContaining(TightPath.FULL);
        }
        opensAgain();
    }

    private void opensAgain() throws SQLException {
        TightPath.setRoom(Long.MAX_VALUE);
        try (Connection again = open();
                Statement statement = again.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM R")) {
            rows.next();
            assertThat(rows.getInt(1)).isBetween(1, 501);
        }
    }
}
