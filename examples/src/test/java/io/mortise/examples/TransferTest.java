package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.DeadlockScript;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Interleavings;
import io.mortise.testkit.Interleavings.Script;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Interleaving tests, to copy. */
@Interleaved
class TransferTest {
    @Test
    void theSecondTransferWaitsForTheFirst(Interleaving db) {
        db.setUp("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 100)");
        TestSession a = db.session("a");
        TestSession b = db.session("b");

        a.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1").expectUpdated(1);
        Step second = b.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1")
                .expectBlockedBy("a");
        a.commit().expectFinished();

        second.expectUpdated(1);
        b.step("SELECT BALANCE FROM ACCOUNTS").expectRows("80");
    }

    @Test
    @Interleaved(settings = "LOCK_POLICY=kognitio")
    void underKognitiosPolicyAReaderInATransactionKeepsWritersOut(Interleaving db) {
        db.setUp("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 100)");

        db.session("reader").step("SELECT SUM(BALANCE) FROM ACCOUNTS").expectRows("100");

        db.session("writer").step("UPDATE ACCOUNTS SET BALANCE = 0").expectBlockedBy("reader");
    }

    @TestFactory
    Stream<DynamicTest> noOrderOfTwoTransfersLosesMoney() {
        return Interleavings.of(
                        Script.of(
                                "a",
                                "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1",
                                "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2",
                                "COMMIT"),
                        Script.of(
                                "b",
                                "UPDATE ACCOUNTS SET BALANCE = BALANCE - 20 WHERE ID = 2",
                                "UPDATE ACCOUNTS SET BALANCE = BALANCE + 20 WHERE ID = 1",
                                "COMMIT"))
                .on(
                        "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                        "INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)")
                .check(run -> run.database().expectRows("SELECT SUM(BALANCE) FROM ACCOUNTS", "200"));
    }

    @Test
    void aDeadlockOfProductionIsPlayedAgain(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");
        TestSession a = db.session("x");
        TestSession b = db.session("y");
        a.step("UPDATE T SET A = 1 WHERE ID = 1").expectUpdated(1);
        b.step("UPDATE T SET A = 2 WHERE ID = 2").expectUpdated(1);
        Step waits = a.step("UPDATE T SET A = 1 WHERE ID = 2").expectBlockedBy("y");
        b.step("UPDATE T SET A = 2 WHERE ID = 1").expectError("40001");
        waits.expectUpdated(1);
        a.rollback().expectFinished();

        List<String> scripts = db.query("SELECT DISTINCT SCRIPT FROM SYS.DEADLOCKS");
        Step victim = DeadlockScript.parse(scripts.get(0)).replay(db);

        assertThat(victim.session().name()).isEqualTo("b");
        assertThat(db.query("SELECT COUNT(DISTINCT DEADLOCK_ID) FROM SYS.DEADLOCKS"))
                .containsExactly("2");
    }

    @Test
    void tablesTakenInOppositeOrdersAreReportedThoughNobodyWaited(Interleaving db) {
        db.setUp("CREATE TABLE A(ID INT PRIMARY KEY)", "CREATE TABLE B(ID INT PRIMARY KEY)");
        TestSession one = db.session("one");
        one.step("INSERT INTO A VALUES (1)").expectUpdated(1);
        one.step("INSERT INTO B VALUES (1)").expectUpdated(1);
        one.commit().expectFinished();
        db.assertNoLockInversions();

        one.step("DELETE FROM B").expectUpdated(1);
        one.step("DELETE FROM A").expectUpdated(1);
        one.commit().expectFinished();

        assertThatThrownBy(db::assertNoLockInversions)
                .hasMessageContaining("PUBLIC.A, then PUBLIC.B")
                .hasMessageContaining("Take them in one order in every transaction.");
    }
}
