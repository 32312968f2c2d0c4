package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nobody waits for a serializable transaction that has to give way and has not been told yet. It is ended on a thread
 * of the engine's, which nobody can wait for but by the end of a step.
 */
@Interleaved
@Timeout(60)
final class GivingWayTest {
    @BeforeEach
    void twoAccounts(Interleaving db) {
        db.setUp(
                "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                "INSERT INTO ACCOUNTS VALUES (1, 0), (2, 0), (3, 0)");
    }

    private static TestSession serializable(Interleaving db, String name) {
        TestSession session = db.session(name);
        session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                .expectFinished();
        return session;
    }

    /** Has read what the other changes, and changes the row itself. */
    private static void skews(TestSession session, int row) {
        session.step("SELECT SUM(BALANCE) FROM ACCOUNTS WHERE ID < 3").expectRows("0");
        session.step("UPDATE ACCOUNTS SET BALANCE = -1 WHERE ID = " + row).expectUpdated(1);
    }

    private static void isLostUntilItRollsBack(TestSession session) {
        SQLException first = session.step("SELECT COUNT(*) FROM ACCOUNTS").expectError("40001");
        assertThat(first.getErrorCode()).isEqualTo(90131);
        assertThat(first.getMessage()).contains("have each read what the other has written since");
        session.commit().expectError("40001");
        session.rollback().expectFinished();
        session.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2").expectFinished();
        session.commit().expectFinished();
    }

    @Test
    void whoWaitsForItsRowWhenItIsDecidedGoesOn(Interleaving db) {
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        TestSession z = db.session("z");
        skews(x, 1);
        skews(y, 2);
        Step waits = z.step("UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 2").expectBlockedBy("y");
        x.commit().expectFinished();

        waits.expectEnd();
        waits.expectUpdated(1);
        z.commit().expectFinished();
        isLostUntilItRollsBack(y);
        db.expectRows("SELECT BALANCE FROM ACCOUNTS ORDER BY ID", "-1", "7", "0");
    }

    @Test
    void whoComesLaterGoesOn(Interleaving db) {
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        TestSession z = db.session("z");
        skews(x, 1);
        skews(y, 2);
        x.commit().expectFinished();

        Step comes = z.step("DELETE FROM ACCOUNTS WHERE ID = 2");
        comes.expectEnd();
        comes.expectUpdated(1);
        z.commit().expectFinished();
        isLostUntilItRollsBack(y);
    }

    @Test
    void whoWaitsForItsTableGoesOn(Interleaving db) {
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        TestSession z = db.session("z");
        skews(x, 1);
        skews(y, 2);
        Step waits = z.step("ALTER TABLE ACCOUNTS ADD COLUMN OWNER INT").expectBlockedBy("y");
        x.commit().expectFinished();

        waits.expectEnd();
        waits.expectFinished();
        isLostUntilItRollsBack(y);
    }

    @Test
    void ifItWaitsItselfItsWaitEnds(Interleaving db) {
        TestSession holder = db.session("holder");
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        TestSession z = db.session("z");
        holder.step("UPDATE ACCOUNTS SET BALANCE = 9 WHERE ID = 3").expectUpdated(1);
        skews(x, 1);
        skews(y, 2);
        Step waits = z.step("UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 2").expectBlockedBy("y");
        Step itself = y.step("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 3").expectBlockedBy("holder");
        x.commit().expectFinished();

        SQLException told = itself.expectError("40001");
        waits.expectEnd();
        assertThat(told.getErrorCode()).isEqualTo(90131);
        assertThat(told.getMessage()).contains("wrote by  UPDATE ACCOUNTS SET BALANCE = -1 WHERE ID = 1");
        waits.expectUpdated(1);
        z.commit().expectFinished();
        holder.commit().expectFinished();
        y.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 3").expectRows("9");
        y.commit().expectFinished();
        assertThat(db.query("SELECT COUNT(DISTINCT FAILURE_ID) FROM SYS.SERIALIZATION_FAILURES"))
                .containsExactly("1");
    }

    /** It has not to give way any more once its client has rolled it back: the next transaction is another. */
    @Test
    void theNextTransactionIsLeftAlone(Interleaving db) {
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        TestSession z = db.session("z");
        skews(x, 1);
        skews(y, 2);
        x.commit().expectFinished();
        y.rollback().expectFinished();
        y.step("UPDATE ACCOUNTS SET BALANCE = 5 WHERE ID = 2").expectUpdated(1);
        Step waits = z.step("UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 2").expectBlockedBy("y");
        y.commit().expectFinished();

        waits.expectUpdated(1);
        z.commit().expectFinished();
    }

    /** What is prepared was promised: who reads what it has written, and has seen what it has missed, gives way. */
    @Test
    void ofAPreparedBranchTheOthersGiveWay(Interleaving db) {
        TestSession branch = serializable(db, "branch");
        TestSession closing = serializable(db, "closing");
        branch.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1").expectRows("0");
        branch.step("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2").expectUpdated(1);
        closing.step("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1").expectUpdated(1);
        branch.step("PREPARE COMMIT BRANCH_L").expectFinished();
        closing.commit().expectFinished();

        TestSession report = serializable(db, "report");
        report.step("CREATE TABLE REPORT AS SELECT * FROM ACCOUNTS").expectError("40001");
        report.step("SELECT * FROM ACCOUNTS").expectError("40001");
        report.rollback().expectFinished();
        db.expectRows("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'REPORT'", "0");

        branch.step("COMMIT TRANSACTION BRANCH_L").expectFinished();
        report.step("CREATE TABLE REPORT AS SELECT * FROM ACCOUNTS").expectFinished();
        report.step("SELECT SUM(BALANCE) FROM REPORT").expectRows("3");
        report.commit().expectFinished();
    }

    /** Two branches that have each read what the other has written: the second is not prepared. */
    @Test
    void aDangerousBranchIsNotPrepared(Interleaving db) {
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        skews(x, 1);
        skews(y, 2);
        x.step("PREPARE COMMIT BRANCH_A").expectFinished();
        y.step("PREPARE COMMIT BRANCH_B").expectError("40001");
        y.rollback().expectFinished();
        x.step("COMMIT TRANSACTION BRANCH_A").expectFinished();

        db.expectRows("SELECT COUNT(*) FROM INFORMATION_SCHEMA.IN_DOUBT", "0");
        db.expectRows("SELECT SUM(BALANCE) FROM ACCOUNTS", "-1");
    }

    /** Its transaction is lost while it fills the table, which nobody may find empty afterwards. */
    @Test
    void theTableOfADeadlocksVictimIsGoneToo(Interleaving unused) {
        try (Interleaving db = Interleaving.inMemory("SERIALIZABLE_BY=LOCKS")) {
            db.setUp("CREATE TABLE A(ID INT)", "CREATE TABLE B(ID INT)", "INSERT INTO B VALUES 1");
            TestSession copies = serializable(db, "copies");
            TestSession changes = db.session("changes");
            changes.step("UPDATE B SET ID = 2").expectUpdated(1);
            Step waits = copies.step("CREATE TABLE BOTH_OF_THEM AS SELECT * FROM A UNION ALL SELECT * FROM B")
                    .expectBlockedBy("changes");
            Step goesOn = changes.step("INSERT INTO A VALUES 1");
            waits.expectError("40001");
            goesOn.expectUpdated(1);
            changes.commit().expectFinished();
            copies.rollback().expectFinished();

            db.expectRows("SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'BOTH_OF_THEM'", "0");
        }
    }
}
