package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mortise.engine.error.LockTimeoutException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes and one database file: who has it, and how the other gets in. */
@Timeout(120)
final class SharedFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private OtherProcess other;

    @SuppressWarnings("NullAway.Init")
    private Path file;

    @BeforeEach
    void startTheOther() throws Exception {
        other = OtherProcess.start();
        file = folder.resolve("shop");
    }

    @AfterEach
    void endTheOther() throws Exception {
        other.close();
    }

    private Connection open(String settings) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:file:" + file + settings, "sa", "");
    }

    private static String run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? result.getString(1) : "";
            }
        }
    }

    private Path note() {
        return folder.resolve("shop.mortise.who");
    }

    @Test
    void whoIsTurnedAwayIsToldWhoIsThere() throws Exception {
        String host = InetAddress.getLocalHost().getHostName();
        other.connect("owner", "jdbc:mortise:file:" + file);

        assertThatThrownBy(() -> open("")).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getErrorCode()).isEqualTo(90020);
            assertThat(e.getMessage())
                    .startsWith("Database may be already in use. Process " + other.pid() + " on host "
                            + host + " (" + SecondProcess.class.getName()
                            + ") has had it open since 20")
                    .contains("SERVE=tcp:PORT", "AUTO_SERVER=TRUE", "No connection was made");
        });
    }

    @Test
    void whoIsTurnedAwayIsToldWhereToAttach() throws Exception {
        other.connect("owner", "jdbc:mortise:file:" + file + ";SERVE=tcp:0");

        SQLException inUse = assertThrows(SQLException.class, () -> open(""));

        String url = String.valueOf(inUse.getMessage()).replaceAll("(?s).*Attach to it: (\\S+)\\..*", "$1");
        try (Connection attached = DriverManager.getConnection(url, "sa", "")) {
            assertThat(run(attached, "SELECT COUNT(*) FROM IPE_CURSESSIONS")).isEqualTo("2");
        }
    }

    @Test
    void aNoteThatAKilledProcessHasLeftIsNotBelieved() throws Exception {
        other.connect("owner", "jdbc:mortise:file:" + file);
        other.kill();
        assertThat(note()).exists();

        try (OtherProcess plain = OtherProcess.start()) {
            plain.connect("plain", "jdbc:h2:file:" + file);

            assertThatThrownBy(() -> open(""))
                    .hasMessageContaining("was process " + other.pid())
                    .hasMessageContaining(
                            "that process is gone. A process that has left no note has it now: one without this");
        }
    }

    @Test
    void withoutANoteItIsSaidWhoThatCanBe() throws Exception {
        other.connect("plain", "jdbc:h2:file:" + file);

        assertThatThrownBy(() -> open("")).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getErrorCode()).isEqualTo(90020);
            assertThat(e.getMessage())
                    .contains("in use. A process that has left no note has it now", "No connection was made")
                    .contains("without this driver, or one that is just beginning to open it");
        });
        assertThat(note()).doesNotExist();
    }

    @Test
    void anOpeningThatFailsLeavesNoNote() throws Exception {
        other.connect("owner", "jdbc:mortise:file:" + file);
        other.run("owner", "SET PASSWORD 'secret'");
        other.run("owner", "SHUTDOWN");

        assertThatThrownBy(() -> open("")).hasMessageContaining("Wrong user name or password");
        assertThat(note()).doesNotExist();
    }

    @Test
    void theNoteGoesWithTheDatabase() throws Exception {
        try (Connection connection = open("")) {
            assertThat(run(connection, "SELECT 1")).isEqualTo("1");
            assertThat(Files.readString(note()))
                    .contains("pid=" + ProcessHandle.current().pid());
        }

        assertThat(note()).doesNotExist();
    }

    @Test
    void autoServerLetsTheSecondProcessIn() throws Exception {
        other.connect("owner", "jdbc:mortise:file:" + file + ";AUTO_SERVER=TRUE;LOCK_TIMEOUT=60000");
        other.run("owner", "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        other.run("owner", "INSERT INTO T VALUES (1, 0)");
        other.beginTransaction("owner");
        other.run("owner", "UPDATE T SET V = 1");

        try (Connection second = open(";AUTO_SERVER=TRUE;LOCK_TIMEOUT=1")) {
            assertThat((Throwable) second.getWarnings()).isNull();
            assertThat(run(second, "SELECT STATUS || ' ' || ROW_KEY FROM IPE_ALLLOCKS WHERE LOCK_LEVEL = 'ROW'"))
                    .isEqualTo("GRANTED ID=1");
            assertThatThrownBy(() -> run(second, "UPDATE T SET V = 2")).isInstanceOf(LockTimeoutException.class);
        }
    }

    @Test
    void autoServerOfPlainH2WorksWithAWarning() throws Exception {
        other.connect("owner", "jdbc:h2:file:" + file + ";AUTO_SERVER=TRUE");
        other.run("owner", "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");

        try (Connection second = open(";AUTO_SERVER=TRUE;LOCK_TIMEOUT=1234")) {
            assertThat(String.valueOf(second.getWarnings())).contains("there is no lock engine in it");
            assertThat(run(second, "INSERT INTO T VALUES (1, 1)")).isEqualTo("1");
            assertThat(run(second, "SELECT LOCK_TIMEOUT()")).isEqualTo("1234");
            assertThatThrownBy(() -> run(second, "SELECT * FROM SYS.LOCKS")).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void whenTheOwnerDiesTheOtherGoesOnWithALockEngineOfItsOwn() throws Exception {
        other.connect("owner", "jdbc:mortise:file:" + file + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
        other.run("owner", "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        try (Connection second = open(";AUTO_SERVER=TRUE")) {
            assertThat(run(second, "INSERT INTO T VALUES (1, 1)")).isEqualTo("1");

            other.kill();

            assertThat(run(second, "SELECT COUNT(*) FROM T")).isEqualTo("1");
            // H2's client has opened the file and then connected to itself.
            assertThat(run(second, "SELECT COUNT(*) > 0 FROM IPE_CURSESSIONS")).isEqualTo("TRUE");
        }
    }
}
