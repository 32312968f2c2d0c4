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
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that sessions lock, beside those that transactions lock, through JDBC. */
@Timeout(120)
class SessionLocksTest {
    private static final String LOCK = "SELECT SESSION_LOCK('nightly')";
    private static final String TRY = "SELECT SESSION_LOCK('nightly', 0)";
    private static final String UNLOCK = "SELECT SESSION_UNLOCK('nightly')";
    private static final String ADVISORY = "SELECT ADVISORY_LOCK('nightly')";

    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "ROLLBACK", "CREATE TABLE U(ID INT)", "INSERT INTO T VALUES (1)"})
    void noEndOfATransactionGivesANameBack(String end) {
        for (String policy : new String[] {"mvcc", "kognitio", "sqream"}) {
            try (Interleaving database =
                    Interleaving.inMemory("LOCK_POLICY=" + policy).setUp("CREATE TABLE T(ID INT PRIMARY KEY)")) {
                TestSession a = database.session("a");
                TestSession b = database.session("b");

                a.step(LOCK).expectRows("TRUE");
                a.step(end);
                a.commit().expectFinished();
                b.step(TRY).expectRows("FALSE");
                Step wait = b.step("SELECT SESSION_LOCK('nightly', 60000)").expectBlockedBy("a");
                a.step(UNLOCK).expectRows("TRUE");
                wait.expectRows("TRUE");
                a.step(UNLOCK).expectRows("FALSE");
                b.step(UNLOCK).expectRows("TRUE");
                a.commit().expectFinished();
                b.commit().expectFinished();
                database.expectNobodyWaits();
                assertThat(database.query("SELECT TARGET_KIND FROM SYS.LOCKS")).doesNotContain("ADVISORY");
            }
        }
    }

    @Test
    void reEntriesAreCounted() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            a.step(TRY).expectRows("TRUE");
            a.step(UNLOCK).expectRows("TRUE");
            b.step(TRY).expectRows("FALSE");
            b.step(UNLOCK).expectRows("FALSE");
            a.step(UNLOCK).expectRows("TRUE");
            b.step(TRY).expectRows("TRUE");
            b.step(UNLOCK).expectRows("TRUE");
            a.step("SELECT SESSION_LOCK(NULL)").expectError("22023");
            a.step("SELECT SESSION_LOCK('nightly', -1)").expectError("22023");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void whoWaitsInVainIsToldThatNoCommitGivesItBack() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(LOCK).expectRows("TRUE");

            assertThat(b.step("CALL ADVISORY_LOCK('nightly', 5)")
                            .expectError("HYT00")
                            .getMessage())
                    .containsPattern(
                            "name 'nightly' is held by session " + a.id() + " \\(thread \"[^\"]*\", idle \\d+ ms")
                    .contains("hint     SESSION_UNLOCK as soon as the work is done")
                    .doesNotContain("idle in transaction")
                    .doesNotContain("IDLE_BLOCKER_TIMEOUT");
            a.step(UNLOCK).expectRows("TRUE");
            b.rollback().expectFinished();
        }
    }

    @Test
    void theTablesShowItWithoutATransactionAndItIsNoTransaction() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            a.commit().expectFinished();
            Step wait = b.step(LOCK).expectBlockedBy("a");
            database.expectRows(
                    "SELECT SESSION, TNO, ROW_KEY, MODE, STATUS FROM SYS.LOCKS WHERE TARGET_KIND = 'ADVISORY'"
                            + " ORDER BY STATUS",
                    a.id() + " | NULL | nightly | X | GRANTED",
                    b.id() + " | NULL | nightly | X | PENDING");
            database.expectRows(
                    "SELECT SESSION, BLOCKING_SESSION, BLOCKING_TNO, BLOCKING_STATE, EDGE_KIND FROM SYS.LOCK_WAITS",
                    b.id() + " | " + a.id() + " | NULL | IDLE | HOLDS");
            database.expectRows(
                    "SELECT TNO, STATE, LOCKS_HELD FROM SYS.SESSIONS WHERE SESSION = " + a.id(), "NULL | IDLE | 1");
            a.step(UNLOCK).expectRows("TRUE");
            wait.expectRows("TRUE");
            b.step(UNLOCK).expectRows("TRUE");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void oneSessionMayHoldANameBothWaysAndOthersWaitForBoth() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step(LOCK).expectRows("TRUE");
            a.step(ADVISORY).expectRows("TRUE");
            a.step(UNLOCK).expectRows("TRUE");
            b.step(TRY).expectRows("FALSE");
            a.commit().expectFinished();
            b.step(TRY).expectRows("TRUE");
            b.step(UNLOCK).expectRows("TRUE");

            a.step(ADVISORY).expectRows("TRUE");
            a.step(LOCK).expectRows("TRUE");
            a.commit().expectFinished();
            b.step("SELECT ADVISORY_LOCK('nightly', 0)").expectError("HYT00");
            a.step(ADVISORY).expectRows("TRUE");
            a.step("SELECT ADVISORY_UNLOCK('nightly')").expectRows("TRUE");
            a.step("SELECT ADVISORY_UNLOCK('nightly')").expectRows("FALSE");
            b.step(TRY).expectRows("FALSE");
            a.step(UNLOCK).expectRows("TRUE");
            b.step("SELECT ADVISORY_LOCK('nightly', 0)").expectRows("TRUE");
            a.step(TRY).expectRows("FALSE");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    /** The cycle closes through a lock of the session in one direction and of its transaction in the other. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCycleOfANameAndARowIsADeadlockAndTheVictimKeepsTheName(boolean isNameLast) {
        try (Interleaving database = Interleaving.inMemory()
                .setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0)")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("SET DEADLOCK_PRIORITY -5").expectFinished();
            a.step(LOCK).expectRows("TRUE");
            a.step("UPDATE T SET V = 1 WHERE ID = 2").expectUpdated(1);
            b.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);

            Step name;
            Step row;
            if (isNameLast) {
                row = a.step("UPDATE T SET V = 2 WHERE ID = 1").expectBlockedBy("b");
                name = b.step(LOCK).expectBlockedBy("a");
            } else {
                name = b.step(LOCK).expectBlockedBy("a");
                row = a.step("UPDATE T SET V = 2 WHERE ID = 1");
            }
            row.expectError("40001");
            assertThat(database.query("SELECT COUNT(*) FROM SYS.DEADLOCKS")).containsExactly("2");
            name.expectBlockedBy("a");
            a.rollback().expectFinished();
            a.step(UNLOCK).expectRows("TRUE");
            name.expectRows("TRUE");
            b.rollback().expectFinished();
            b.step(UNLOCK).expectRows("TRUE");
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    /** Who waits for the name waits outside its transaction; what that holds closes the cycle all the same. */
    @Test
    void theTransactionOfWhoWaitsForANameIsPartOfTheCycle() {
        try (Interleaving database = Interleaving.inMemory()
                .setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            b.step("SET DEADLOCK_PRIORITY -5").expectFinished();
            a.step(LOCK).expectRows("TRUE");
            b.step("UPDATE T SET V = 1").expectUpdated(1);
            Step row = a.step("UPDATE T SET V = 2").expectBlockedBy("b");
            b.step(LOCK).expectError("40001");
            b.rollback().expectFinished();
            row.expectUpdated(1);
            a.step(UNLOCK).expectRows("TRUE");
            a.rollback().expectFinished();
            b.rollback().expectFinished();
        }
    }

    @Test
    void abortKeepsTheNameAndTheEndOfTheSessionGivesItBack() throws SQLException {
        String url = "jdbc:mortise:h2:mem:session-locks";
        try (Connection b = DriverManager.getConnection(url, "sa", "");
                Statement other = b.createStatement()) {
            try (Connection a = DriverManager.getConnection(url, "sa", "");
                    Statement mine = a.createStatement()) {
                int id = Integer.parseInt(value(mine, "CALL SESSION_ID()"));
                assertThat(value(mine, LOCK)).isEqualTo("TRUE");
                other.execute("KILL SESSION " + id + " ROLLBACK");
                assertThat(value(other, TRY)).isEqualTo("FALSE");
            }
            assertThat(value(other, TRY)).isEqualTo("TRUE");
            assertThat(value(other, UNLOCK)).isEqualTo("TRUE");
        }
    }

    @Test
    void aDefinitionWarnsOfTheNamesThatItsCommitGivesBack() throws SQLException {
        String url = "jdbc:mortise:h2:mem:session-locks-warning";
        try (Connection a = DriverManager.getConnection(url, "sa", "");
                Statement mine = a.createStatement()) {
            mine.execute("CREATE TABLE T(ID INT)");
            a.setAutoCommit(false);
            value(mine, ADVISORY);
            value(mine, "SELECT ADVISORY_LOCK('it''s mine')");
            value(mine, "SELECT SESSION_LOCK('stays')");
            mine.execute("INSERT INTO T VALUES (1)");
            assertThat((Throwable) mine.getWarnings()).isNull();
            mine.execute("CREATE TABLE U(ID INT)");

            SQLWarning warning = mine.getWarnings();
            assertThat(warning.getSQLState()).isEqualTo("01000");
            assertThat(warning.getMessage())
                    .contains("'nightly', 'it''s mine'".replace("''", "'"))
                    .doesNotContain("stays");
            value(mine, ADVISORY);
            a.commit();
            mine.execute("SELECT 1");
            assertThat((Throwable) mine.getWarnings()).isNull();
            value(mine, ADVISORY);
            a.rollback();
            value(mine, ADVISORY);
            a.setAutoCommit(true);
            mine.execute("CREATE TABLE V(ID INT)");
            assertThat((Throwable) mine.getWarnings()).isNull();
        }
    }

    private static String value(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).isTrue();
            return result.getString(1);
        }
    }
}
