package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The testkit on the engine: what a step says is what the lock manager did. */
@Timeout(120)
final class InterleavingTest {
    private static final String DEBIT_1 = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1";
    private static final String DEBIT_2 = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2";

    private final Interleaving db = EngineDatabase.open();
    private final TestSession a = db.session("a");
    private final TestSession b = db.session("b");
    private final TestSession c = db.session("c");

    @BeforeEach
    void twoAccounts() {
        db.setUp(
                "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                "INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)");
    }

    @AfterEach
    void everybodyGoes() {
        db.abandon();
    }

    @Test
    void aSecondUpdateOfARowWaitsForTheFirstAndSeesItsResult() {
        a.step(DEBIT_1).expectUpdated(1);
        Step second = b.step(DEBIT_1).expectBlockedBy("a");

        a.commit().expectFinished();

        second.expectUpdated(1);
        b.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1").expectRows("80");
        db.expectRows("SELECT ID, BALANCE FROM ACCOUNTS", "1 | 90", "2 | 100");
        db.expectNobodyWaits();
    }

    @Test
    void waitersAreServedInTheOrderInWhichTheyCame() {
        a.step(DEBIT_1).expectUpdated(1);
        Step second = b.step(DEBIT_1).expectBlockedBy("a");
        Step third = c.step(DEBIT_1).expectBlockedBy("a", "b");

        a.rollback().expectFinished();

        second.expectUpdated(1);
        third.expectBlockedBy("b");
        b.commit().expectFinished();
        third.expectUpdated(1);
    }

    @Test
    void aDeadlockHasOneVictimAndTheOtherGoesOn() {
        a.step(DEBIT_1).expectUpdated(1);
        b.step(DEBIT_2).expectUpdated(1);
        Step waits = a.step(DEBIT_2).expectBlockedBy("b");

        SQLException deadlock = b.step(DEBIT_1).expectError("40001");

        assertThat((Throwable) deadlock).hasMessageContaining("Deadlock detected");
        waits.expectUpdated(1);
        a.commit().expectFinished();
        db.expectRows("SELECT BALANCE FROM ACCOUNTS", "90", "90");
    }

    @Test
    void aDeadlockOfThePastIsPlayedAgain() {
        DeadlockScript script = DeadlockScript.parse("""
                a: UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2
                b: UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1
                a: UPDATE ACCOUNTS SET BALANCE = 3 WHERE ID = 1 -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=1)
                b: UPDATE ACCOUNTS SET BALANCE = 4 WHERE ID = 2 -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=2)
                -- deadlock, victim b
                """);

        Step given = script.replay(db);

        assertThat(given.session()).isSameAs(b);
        assertThat(a.lastStep()).hasValueSatisfying(step -> step.expectUpdated(1));
    }

    @Test
    void whoHasDoneAsMuchMayGiveWayWhenADeadlockIsPlayedAgain() {
        String script = """
                a: UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2
                b: UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1
                b: UPDATE ACCOUNTS SET BALANCE = 3 WHERE ID = 2 -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=2)
                a: UPDATE ACCOUNTS SET BALANCE = 4 WHERE ID = 1 -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=1)
                -- deadlock, victim a""";

        Step given = DeadlockScript.parse(script + " (b has done as much)").replay(db);

        assertThat(given.session()).as("the younger").isSameAs(b);
        a.rollback().expectFinished();
        assertThatThrownBy(() -> DeadlockScript.parse(script).replay(db)).hasMessageContaining("to fail with 40001");
        a.rollback().expectFinished();
    }

    @Test
    void aCancelledWaitEndsWithItsOwnReason() {
        a.step(DEBIT_1).expectUpdated(1);
        Step waits = b.step(DEBIT_1).expectWaiting();

        b.cancel();

        waits.expectError("57014");
        b.step(DEBIT_2).expectUpdated(1);
    }

    @Test
    void anInterruptedWaitEndsWithItsOwnReasonAndTheSessionGoesOn() {
        a.step(DEBIT_1).expectUpdated(1);
        Step waits = b.step(DEBIT_1).expectWaiting();

        b.interrupt();

        waits.expectError("57014");
        b.step(DEBIT_2).expectUpdated(1);
    }

    @Test
    void aLockTimeoutIsWaitedFor() {
        TestSession hasty = db.session("hasty", "LOCK_TIMEOUT=20");
        a.step(DEBIT_1).expectUpdated(1);

        hasty.step(DEBIT_1).expectError("HYT00");
    }

    @Test
    void aWrongExpectationIsToldWithTheWholeScene() {
        a.step(DEBIT_1).expectUpdated(1);
        Step second = b.step(DEBIT_1);

        assertThatThrownBy(() -> second.expectBlockedBy("c"))
                .hasMessageStartingWith(
                        "Expected session b to be blocked by c in \"" + DEBIT_1 + "\", but it is blocked by [a].")
                .hasMessageContaining(
                        "b        waits for X on PUBLIC.ACCOUNTS(ID=1) in \"" + DEBIT_1 + "\", behind a (HOLDS)")
                .hasMessageContaining(" 4  a        " + DEBIT_1 + "   -> finished, 1 row")
                .hasMessageContaining(" 5  b        " + DEBIT_1 + "   -> waits")
                .hasMessageContaining("a        granted  X on PUBLIC.ACCOUNTS(ID=1)")
                .hasMessageContaining("b        pending  X on PUBLIC.ACCOUNTS(ID=1)   behind a (HOLDS)");
    }

    @Test
    void aFailureListsTheRowsThatNobodyWaitsForToo() {
        a.step(DEBIT_1).expectUpdated(1);
        a.step(DEBIT_2).expectUpdated(1);
        Step second = b.step(DEBIT_1).expectBlockedBy("a");

        assertThatThrownBy(second::expectFinished)
                .hasMessageContaining("a        granted  X on PUBLIC.ACCOUNTS(ID=1)")
                .hasMessageContaining("a        granted  X on PUBLIC.ACCOUNTS(ID=2)")
                .satisfies(failure -> assertThat(String.valueOf(failure.getMessage())
                                .split("granted  X on PUBLIC.ACCOUNTS\\(ID=1\\)", -1))
                        .hasSize(2));
        a.rollback().expectFinished();
        second.expectUpdated(1);
    }

    @Test
    void aStepThatWaitsDoesNotFinish() {
        a.step(DEBIT_1).expectUpdated(1);
        Step second = b.step(DEBIT_1);
        db.withPatience(Duration.ofMillis(10));

        assertThatThrownBy(second::expectFinished)
                .hasMessageStartingWith("Expected session b to finish in \"" + DEBIT_1 + "\", but it waits for a.");
    }

    @Test
    void aStepThatFinishedDoesNotWait() {
        Step step = a.step(DEBIT_1);

        assertThatThrownBy(step::expectWaiting)
                .hasMessageStartingWith("Expected session a to wait in \"" + DEBIT_1 + "\", but it finished, 1 row.");
    }

    @Test
    void otherRowsThanExpectedAreShownBesideThose() {
        Step step = a.step("SELECT ID, BALANCE, NULL FROM ACCOUNTS WHERE ID = 1");

        assertThatThrownBy(() -> step.expectRows("1 | 99 | NULL"))
                .hasMessageContaining("to give [1 | 99 | NULL] in")
                .hasMessageContaining("but it gave [1 | 100 | NULL].");
    }

    @Test
    void aFailureThatNobodyLookedAtFailsTheNextStep() {
        a.step("SELECT * FROM NOWHERE");

        assertThatThrownBy(() -> a.step(DEBIT_1))
                .hasMessageStartingWith("Expected session a to finish (nothing else was expected) in")
                .hasCauseInstanceOf(SQLException.class);
    }

    @Test
    void aWaitThatNobodyLookedAtFailsTheEndOfTheTest() {
        Interleaving other = EngineDatabase.open();
        other.setUp("CREATE TABLE T(ID INT PRIMARY KEY)", "INSERT INTO T VALUES (1)");
        other.session("a").step("DELETE FROM T").expectUpdated(1);
        other.session("b").step("DELETE FROM T");

        assertThatThrownBy(other::close)
                .hasMessageStartingWith("Expected session b to finish (nothing else was expected) in \"DELETE FROM T\","
                        + " but it waits.");
    }

    @Test
    void aSessionThatWaitsCanNotBeGivenAnotherStep() {
        a.step(DEBIT_1).expectUpdated(1);
        b.step(DEBIT_1).expectWaiting();

        assertThatThrownBy(() -> b.step(DEBIT_2)).hasMessageContaining("but it still waits.");
    }

    @Test
    void aStepThatNeitherFinishesNorWaitsIsShownWithWhereItIs() {
        db.withPatience(Duration.ofMillis(10));
        Semaphore gate = new Semaphore(0);
        try {
            assertThatThrownBy(() -> a.step("wait for nobody", jdbc -> gate.acquire()))
                    .hasMessageStartingWith("Somebody neither finished nor stood in a queue of the lock manager within")
                    .hasMessageContaining("a        runs \"wait for nobody\"");
            while (!gate.hasQueuedThreads()) {
                Thread.onSpinWait(); // Its thread may have been slower to start than the patience lasts.
            }
            assertThatThrownBy(() -> db.expectNobodyWaits()).hasMessageContaining("Semaphore.acquire");
        } finally {
            gate.release();
            db.withPatience(Duration.ofSeconds(30)).expectNobodyWaits();
        }
    }
}
