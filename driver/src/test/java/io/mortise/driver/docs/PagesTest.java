package io.mortise.driver.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java and the SQL in the pages of docs: what stands there stands here, and is run. */
@Timeout(120)
final class PagesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```(?:java|sql)\n(.*?)```", Pattern.DOTALL);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final StringWriter printed = new StringWriter();
    private final PrintWriter out = new PrintWriter(printed, true);

    @SuppressWarnings("NullAway.Init")
    private Connection connection;

    @SuppressWarnings("NullAway.Init")
    private Connection other;

    @SuppressWarnings("NullAway.Init")
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        String url = "jdbc:mortise:mem:shop;LOCK_TIMEOUT=30";
        connection = DriverManager.getConnection(url, "sa", "");
        statement = connection.createStatement();
        statement.execute("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT) AS VALUES (1, 100), (2, 100)");
        statement.execute("CREATE TABLE ORDERS(ID INT PRIMARY KEY, STATE VARCHAR) AS VALUES (1, 'NEW')");
        other = DriverManager.getConnection(url, "sa", "");
        other.setAutoCommit(false);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        other.close();
    }

    private void run(Connection session, String... sql) throws SQLException {
        try (Statement runs = session.createStatement()) {
            for (String each : sql) {
                runs.execute(each);
            }
        }
    }

    private String first(String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).as(sql).isTrue();
            return rows.getString(1);
        }
    }

    @Test
    void blockersAreData() throws SQLException {
        run(other, "UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        try {
            statement.executeUpdate("UPDATE ACCOUNTS SET BALANCE = 5 WHERE ID = 1");
        } catch (LockTimeoutException e) {
            for (Participant blocker : e.blockers()) {
                out.println(e.report().target() + " is held by session " + blocker.session() + ", user "
                        + blocker.user() + ", thread " + blocker.thread() + ", since it ran: " + blocker.lockedBy());
            }
        }

        assertThat(printed.toString())
                .contains("PUBLIC.ACCOUNTS(ID=1) is held by session ")
                .contains("user SA", "since it ran: UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
    }

    @Test
    void theFlightRecorderHearsOfWaits() throws Exception {
        run(other, "UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        Path file = folder.resolve("waits.jfr");

        try (Recording recording = new Recording()) {
            recording.enable("mortise.LockWait").withoutThreshold();
            recording.start();
            assertThrows(SQLException.class, () -> statement.execute("UPDATE ACCOUNTS SET BALANCE = 5 WHERE ID = 1"));
            recording.stop();
            recording.dump(file);
        }
        for (RecordedEvent wait : RecordingFile.readAllEvents(file)) {
            if (wait.getEventType().getName().equals("mortise.LockWait")) {
                out.println(wait.getDuration().toMillis() + " ms for " + wait.getString("lock") + ", "
                        + wait.getString("outcome") + ", behind session " + wait.getInt("blockingSession"));
            }
        }

        assertThat(printed.toString()).contains(" ms for EX ROW on PUBLIC.ACCOUNTS", "behind session ");
    }

    @Test
    void theLockOrderShowsDeadlocksThatHaveNotHappened() throws SQLException {
        connection.setAutoCommit(false);
        run(connection, "UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1", "UPDATE ORDERS SET STATE = 'PAID'");
        connection.commit();
        run(other, "UPDATE ORDERS SET STATE = 'SENT'", "UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
        other.commit();

        assertThat(first(sql("lock-order.md"))).isEqualTo("PUBLIC.ACCOUNTS");
    }

    @Test
    void deadlocksThatAreAlikeAreOneShape() throws SQLException {
        try (Interleaving db = Interleaving.inMemory()) {
            db.setUp(
                    "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                    "INSERT INTO ACCOUNTS VALUES (1, 1), (2, 1)");
            for (int i = 0; i < 2; i++) {
                TestSession a = db.session("a" + i);
                TestSession b = db.session("b" + i);
                a.step("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1").expectUpdated(1);
                b.step("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2").expectUpdated(1);
                Step waits =
                        a.step("UPDATE ACCOUNTS SET BALANCE = 3 WHERE ID = 2").expectBlockedBy("b" + i);
                b.step("UPDATE ACCOUNTS SET BALANCE = 4 WHERE ID = 1").expectError("40001");
                waits.expectUpdated(1);
                a.rollback().expectFinished();
                b.rollback().expectFinished();
            }

            db.session("c")
                    .step(sql("deadlock-shapes.md").replaceFirst("SELECT .* FROM", "SELECT DEADLOCKS FROM"))
                    .expectRows("2");
            db.session("c").step(sql("deadlock-shapes.md")).expectFinished();
        }
    }

    /** While somebody waits, and by another session: the first tells who blocks, the second what that one does. */
    @Test
    void whatIsAskedInTroubleIsAnswered() {
        try (Interleaving db = Interleaving.inMemory()) {
            db.setUp("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 1)");
            db.session("holder")
                    .step("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1")
                    .expectUpdated(1);
            Step waits = db.session("waiter")
                    .step("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1")
                    .expectBlockedBy("holder");
            List<String> queries = BLOCK.matcher(page("troubleshooting.md"))
                    .results()
                    .map(block -> block.group(1).strip().replaceFirst(";$", ""))
                    .toList();

            assertThat(queries).hasSize(3);
            db.session("asker")
                    .step("SELECT COUNT(*) FROM (" + queries.get(0) + ")")
                    .expectRows("2");
            db.session("asker")
                    .step("SELECT STATE FROM (" + queries.get(1)
                            + ") WHERE LAST_SQL LIKE 'UPDATE ACCOUNTS SET BALANCE = 1%'")
                    .expectRows("IDLE IN TRANSACTION");
            db.session("asker").step(queries.get(2)).expectFinished();
            db.session("holder").commit().expectFinished();
            waits.expectUpdated(1);
        }
    }

    /** As somebody who has just come would try it, in a transaction. */
    @Test
    void whatPeopleFromPostgresTryWorks() throws SQLException {
        connection.setAutoCommit(false);
        List<String> statements = BLOCK.matcher(page("coming-from-postgresql.md"))
                .results()
                .flatMap(block -> block.group(1).lines())
                .toList();
        assertThat(statements).hasSize(5);
        for (String sql : statements) {
            statement.execute(sql.replaceFirst(";$", ""));
        }

        run(connection, "LOCK TABLE ACCOUNTS IN EXCLUSIVE MODE");
        assertThrows(SQLException.class, () -> statement.execute("SELECT 1 / 0"));
        assertThat(first("SELECT STATE FROM SYS.SESSIONS WHERE SESSION = SESSION_ID()"))
                .isEqualTo("RUNNING");
        connection.commit();
    }

    private static String page(String name) {
        try {
            return Files.readString(ROOT.resolve("docs").resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The first SQL of a page. */
    private static String sql(String page) {
        Matcher block = Pattern.compile("```sql\n(.*?);?\n```", Pattern.DOTALL).matcher(page(page));
        assertThat(block.find()).isTrue();
        return Objects.requireNonNull(block.group(1));
    }

    @Test
    void theJavaOfThePagesStandsHere() throws IOException {
        String here = Files.readString(Path.of("src/test/java/io/mortise/driver/docs/PagesTest.java"))
                .replaceAll("\\s+", "");
        for (String name : List.of("blockers.md", "flight-recorder.md")) {
            Matcher block = BLOCK.matcher(page(name));
            assertThat(block.find()).as(name).isTrue();
            assertThat(here)
                    .as(name)
                    .contains(Objects.requireNonNull(block.group(1)).replaceAll("\\s+", ""));
        }
    }
}
