package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SerializationFacts;
import io.mortise.testkit.FailureScript;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A transaction that could not be serialized is told why, as text and as data, and its failure becomes a test. */
@Interleaved
@Timeout(60)
final class FailureReplayTest {
    private static final String SCRIPT = "SELECT DISTINCT SCRIPT FROM SYS.SERIALIZATION_FAILURES WHERE FAILURE_ID = 1";

    private static TestSession serializable(Interleaving db, String name, String... settings) {
        TestSession session = db.session(name, settings);
        session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                .expectFinished();
        return session;
    }

    private static void again(Interleaving db, FailureScript script, String victim) {
        assertThat(script.replay(db).session().name()).isEqualTo(victim);
        assertThat(db.query("SELECT MAX(FAILURE_ID) FROM SYS.SERIALIZATION_FAILURES"))
                .containsExactly("2");
    }

    @Test
    void writeSkew(Interleaving db) {
        db.setUp(
                "CREATE TABLE DOCTORS(ID INT PRIMARY KEY, ON_CALL BOOLEAN)",
                "INSERT INTO DOCTORS VALUES (1, TRUE), (2, TRUE)");
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        x.step("SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL").expectRows("2");
        y.step("SELECT ON_CALL FROM DOCTORS WHERE ID = 1").expectRows("TRUE");
        x.step("UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1").expectUpdated(1);
        y.step("UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2").expectUpdated(1);
        x.commit().expectFinished();
        SQLException thrown = y.commit().expectError("40001");

        assertThat(thrown.getMessage())
                .startsWith("Serialization failure: this transaction and that of session " + x.id()
                        + " have each read what")
                .contains("session " + x.id() + " transaction ")
                .contains(
                        "read PUBLIC.DOCTORS (the whole table), of which it does not see what this transaction (session "
                                + y.id())
                .contains("    read by   SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL   thread \"session x\"")
                .contains("    wrote by  UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 2   thread \"session y\"")
                .contains("read PUBLIC.DOCTORS(ID=1), of which it does not see what")
                .contains("gave way  session " + y.id())
                .contains(": the other was the first to commit")
                .contains("hint      run it again");
        SerializationFacts facts = ((SerializationConflictException) thrown).report();
        assertThat(facts.kind()).isEqualTo("READ_WRITE");
        assertThat(facts.id()).isOne();
        assertThat(facts.otherSession()).isEqualTo(x.id());
        assertThat(facts.conflicts())
                .extracting(conflict -> conflict.reader().sql())
                .containsExactly(
                        "SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL", "SELECT ON_CALL FROM DOCTORS WHERE ID = 1");
        assertThat(facts.conflicts())
                .extracting(conflict -> conflict.writer().target())
                .containsExactly("PUBLIC.DOCTORS(ID=2)", "PUBLIC.DOCTORS(ID=1)");
        y.rollback().expectFinished();
        db.setUp("UPDATE DOCTORS SET ON_CALL = TRUE");
        again(db, FailureScript.parse(db.query(SCRIPT).get(0)), "b");
    }

    /**
     * Who has read the total before the deposit, and after the withdrawal's charge, has seen what no order explains.
     */
    @Test
    void theReadOnlyAnomaly(Interleaving db) {
        db.setUp(
                "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 0), (2, 0)");
        TestSession withdrawal = serializable(db, "withdrawal");
        TestSession deposit = serializable(db, "deposit");
        TestSession report = serializable(db, "report");
        withdrawal.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2").expectRows("0");
        withdrawal.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1").expectRows("0");
        deposit.step("UPDATE ACCOUNTS SET BALANCE = 20 WHERE ID = 2").expectUpdated(1);
        deposit.commit().expectFinished();
        report.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2").expectRows("20");
        report.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1").expectRows("0");
        report.commit().expectFinished();
        SQLException thrown = withdrawal
                .step("UPDATE ACCOUNTS SET BALANCE = -11 WHERE ID = 1")
                .expectError("40001");

        assertThat(thrown.getMessage())
                .contains("in no order could this transaction and those beside it have read what they have")
                .contains("session " + report.id() + " transaction ")
                .contains("session " + deposit.id() + " transaction ")
                .contains(": it stands between the others, and could still be ended");
        db.setUp("UPDATE ACCOUNTS SET BALANCE = 0");
        again(db, FailureScript.parse(db.query(SCRIPT).get(0)), "a");
    }

    @Test
    void aRowThatWasChangedWhileItWaited(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES (1, 0)");
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        y.step("SELECT A FROM T WHERE ID = 1").expectRows("0");
        x.step("UPDATE T SET A = A + 1 WHERE ID = 1").expectUpdated(1);
        Step waits = y.step("UPDATE T SET A = A + 2 WHERE ID = 1").expectBlockedBy("x");
        x.commit().expectFinished();
        SQLException thrown = waits.expectError("40001");

        assertThat(thrown.getMessage())
                .startsWith("Serialization failure: row changed by session " + x.id() + " transaction ")
                .contains(" since your snapshot: PUBLIC.T(ID=1). ")
                .contains("    asked by  UPDATE T SET A = A + 2 WHERE ID = 1   thread \"session y\"")
                .contains("    wrote by  UPDATE T SET A = A + 1 WHERE ID = 1   thread \"session x\"");
        assertThat(((SerializationConflictException) thrown).report().kind()).isEqualTo("ROW_CHANGED");
        y.rollback().expectFinished();
        FailureScript script = FailureScript.parse(db.query(SCRIPT).get(0));
        again(db, script, "a");
    }

    @Test
    void aWriterAtAnotherLevelIsShownWithWhatItRanLast(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES (1, 0)");
        TestSession x = db.session("x");
        TestSession y = serializable(db, "y");
        y.step("SELECT A FROM T WHERE ID = 1").expectRows("0");
        x.step("UPDATE T SET A = 7 WHERE ID = 1").expectUpdated(1);
        Step waits = y.step("DELETE FROM T WHERE ID = 1").expectBlockedBy("x");
        x.commit().expectFinished();

        assertThat(waits.expectError("40001").getMessage()).contains("UPDATE T SET A = 7 WHERE ID = 1");
    }

    @Test
    void theLogAndTheStatisticsHaveItToo(Interleaving db, @TempDir Path folder) throws IOException {
        Path log = folder.resolve("locks.log");
        db.setUp("CALL SYS.SET_PARAMETER('LOCK_LOG', '" + log + "')");
        scriptOfTwo(db);
        db.setUp("CALL SYS.SET_PARAMETER('LOCK_LOG', '')");

        assertThat(Files.readString(log))
                .contains("Serialization failure: this transaction")
                .contains("PUBLIC.T(ID=1)");
        assertThat(db.query("SELECT SERIALIZATION_FAILURES FROM SYS.LOCK_STATS WHERE TABLE_NAME = 'T'"))
                .containsExactly("1");
    }

    @Test
    void withItsValuesItIsPlayedAgainAsItStands(Interleaving db) {
        again(db, FailureScript.parse(scriptOfTwo(db, "BIND_VALUES=TRUE")), "b");
    }

    @Test
    void withoutThemItSaysWhichItNeeds(Interleaving db) {
        FailureScript script = FailureScript.parse(scriptOfTwo(db));

        assertThatThrownBy(() -> script.replay(db)).hasMessageContaining(".with(1, ID INTEGER)");
        again(db, script.with(1, 2).with(2, 1).with(3, 1).with(4, 2), "b");
    }

    private static String scriptOfTwo(Interleaving db, String... settings) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");
        TestSession x = serializable(db, "x", settings);
        TestSession y = serializable(db, "y", settings);
        String look = "SELECT A FROM T WHERE ID = ?";
        String change = "UPDATE T SET A = A + 1 WHERE ID = ?";
        x.step(look, with(look, 2)).expectFinished();
        y.step(look, with(look, 1)).expectFinished();
        x.step(change, with(change, 1)).expectFinished();
        y.step(change, with(change, 2)).expectFinished();
        x.commit().expectFinished();
        y.commit().expectError("40001");
        return db.query(SCRIPT).get(0);
    }

    private static TestSession.Work with(String sql, int id) {
        return connection -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setInt(1, id);
                statement.execute();
            }
        };
    }
}
