package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that applications lock, through JDBC. */
@Timeout(120)
class AdvisoryLocksTest {
    private static final String LOCK = "SELECT ADVISORY_LOCK('nightly')";

    @ParameterizedTest
    @ValueSource(strings = {LOCK, "CALL ADVISORY_LOCK('nightly')", "SELECT advisory_lock('nightly', 20000)"})
    void aNameIsLockedToTheEndOfTheTransaction(String lock) {
        for (String policy : new String[] {"mvcc", "kognitio", "sqream"}) {
            try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=" + policy)) {
                TestSession a = database.session("a");
                TestSession b = database.session("b");

                a.step(lock).expectRows("TRUE");
                a.step(lock).expectRows("TRUE");
                a.step("SELECT 1").expectRows("1");
                b.step("SELECT ADVISORY_LOCK('other')").expectRows("TRUE");
                Step wait = b.step(lock).expectBlockedBy("a");
                a.commit().expectFinished();
                wait.expectRows("TRUE");
                wait = a.step(lock).expectBlockedBy("b");
                b.rollback().expectFinished();
                wait.expectRows("TRUE");
                a.commit().expectFinished();
                database.expectNobodyWaits();
                assertThat(database.query("SELECT TARGET_KIND FROM SYS.LOCKS")).doesNotContain("ADVISORY");
            }
        }
    }

    @Test
    void aNameThatIsTakenIsRefusedAfterTheTimeGiven() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            assertThat(b.step("SELECT ADVISORY_LOCK('nightly', 0)")
                            .expectError("HYT00")
                            .getMessage())
                    .contains("nightly");
            b.step("SELECT ADVISORY_LOCK('nightly', 20)").expectError("HYT00");
            b.step("SELECT ADVISORY_LOCK('nightly', -1)").expectError("22023");
            b.step("SELECT ADVISORY_LOCK('nightly', 'soon')").expectError("22023");
            b.step("SELECT ADVISORY_LOCK(NULL)").expectError("22023");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void aNameIsGivenBackBeforeTheEndToo() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            Step wait = b.step(LOCK).expectBlockedBy("a");
            a.step("CALL ADVISORY_UNLOCK('nightly')").expectRows("TRUE");
            wait.expectRows("TRUE");
            a.step("CALL ADVISORY_UNLOCK('nightly')").expectRows("FALSE");
            a.step("CALL ADVISORY_UNLOCK('never')").expectRows("FALSE");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void theLockTablesShowNames() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            Step wait = b.step(LOCK).expectBlockedBy("a");
            database.expectRows(
                    "SELECT SESSION, ROW_KEY, MODE, STATUS FROM SYS.LOCKS WHERE TARGET_KIND = 'ADVISORY' ORDER BY STATUS",
                    a.id() + " | nightly | X | GRANTED",
                    b.id() + " | nightly | X | PENDING");
            a.commit().expectFinished();
            wait.expectRows("TRUE");
            b.commit().expectFinished();
        }
    }

    @Test
    void aCycleOfANameAndARowIsADeadlock() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            b.step("UPDATE T SET V = 1").expectUpdated(1);
            a.step("UPDATE T SET V = 2").expectBlockedBy("b");
            b.step(LOCK);
            assertThat(database.query("SELECT COUNT(*) > 0 FROM SYS.DEADLOCKS")).containsExactly("TRUE");
            a.rollback().expectFinished();
            b.rollback().expectFinished();
        }
    }

    @Test
    void aRollBackToASavepointKeepsTheName() throws SQLException {
        String url = "jdbc:mortise:h2:mem:advisory-savepoint";
        try (Connection a = DriverManager.getConnection(url, "sa", "");
                Connection b = DriverManager.getConnection(url, "sa", "");
                Statement mine = a.createStatement();
                Statement other = b.createStatement()) {
            mine.execute("CREATE TABLE T(ID INT)");
            a.setAutoCommit(false);
            Savepoint before = a.setSavepoint();
            mine.execute(LOCK);
            mine.execute("INSERT INTO T VALUES (1)");
            a.rollback(before);

            assertThat(catchState(other, "SELECT ADVISORY_LOCK('nightly', 0)")).isEqualTo("HYT00");
            a.rollback();
            assertThat(catchState(other, "SELECT ADVISORY_LOCK('nightly', 0)")).isEmpty();
        }
    }

    @Test
    void inAutocommitTheNameIsGivenBackAtOnceAndAWarningSaysSo() throws SQLException {
        String url = "jdbc:mortise:h2:mem:advisory-autocommit";
        try (Connection a = DriverManager.getConnection(url, "sa", "");
                Connection b = DriverManager.getConnection(url, "sa", "");
                Statement mine = a.createStatement();
                Statement other = b.createStatement()) {
            mine.execute(LOCK);

            SQLWarning warning = mine.getWarnings();
            assertThat(warning.getMessage()).contains("autocommit");
            assertThat(catchState(other, "SELECT ADVISORY_LOCK('nightly', 0)")).isEmpty();
        }
    }

    @Test
    void everybodyMayLockNames() throws SQLException {
        String url = "jdbc:mortise:h2:mem:advisory-rights";
        try (Connection admin = DriverManager.getConnection(url, "sa", "");
                Statement create = admin.createStatement()) {
            create.execute("CREATE USER BOB PASSWORD 'b'");
            try (Connection bob = DriverManager.getConnection(url, "bob", "b");
                    Statement statement = bob.createStatement();
                    ResultSet locked = statement.executeQuery(LOCK)) {
                assertThat(locked.next()).isTrue();
                assertThat(locked.getBoolean(1)).isTrue();
            }
        }
    }

    private static String catchState(Statement statement, String sql) {
        try {
            statement.execute(sql);
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }
}
