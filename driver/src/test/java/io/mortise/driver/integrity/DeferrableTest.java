package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A READ ONLY, DEFERRABLE transaction at SERIALIZABLE waits for a snapshot that nothing can make wrong, notes nothing
 * then, and is never refused.
 */
@Interleaved
@Timeout(120)
final class DeferrableTest {
    private static final String REPORT =
            "SELECT (SELECT BATCH FROM CONTROL), SUM(AMOUNT) FROM RECEIPTS WHERE BATCH = 1";

    @BeforeEach
    void aBatchOfReceipts(Interleaving db) {
        db.setUp(
                "CREATE TABLE CONTROL(ID INT PRIMARY KEY, BATCH INT)",
                "CREATE TABLE RECEIPTS(ID INT PRIMARY KEY, BATCH INT, AMOUNT INT)",
                "INSERT INTO CONTROL VALUES (1, 1)",
                "INSERT INTO RECEIPTS VALUES (1, 1, 10)");
    }

    private static TestSession serializable(Interleaving db, String name, String... settings) {
        TestSession session = db.session(name, settings);
        session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                .expectFinished();
        return session;
    }

    private static TestSession report(Interleaving db, String name) {
        return serializable(db, name, "READ_ONLY=TRUE", "DEFERRABLE=TRUE");
    }

    private static void notesNothing(Interleaving db, TestSession session) {
        assertThat(db.query("SELECT COUNT(*) FROM SYS.LOCKS WHERE MODE = 'SIREAD' AND SESSION = " + session.id()))
                .containsExactly("0");
    }

    /** The report would show batch 2 open and not the last receipt of batch 1: that no order explains. */
    @Test
    void itWaitsUntilTheReportIsTrueAndNobodyIsRefused(Interleaving db) {
        TestSession receipt = serializable(db, "receipt");
        TestSession closing = serializable(db, "closing");
        TestSession report = report(db, "report");
        receipt.step("SELECT BATCH FROM CONTROL").expectRows("1");
        closing.step("UPDATE CONTROL SET BATCH = 2").expectUpdated(1);
        closing.commit().expectFinished();

        Step reads = report.step(REPORT).expectBlockedBy("receipt");
        receipt.step("INSERT INTO RECEIPTS VALUES (2, 1, 5)").expectUpdated(1);
        receipt.commit().expectFinished();

        reads.expectRows("2 | 15");
        notesNothing(db, report);
        report.commit().expectFinished();
        db.expectNobodyWaits();
    }

    @Test
    void withNobodyBesideItItDoesNotWait(Interleaving db) {
        TestSession report = report(db, "report");
        report.step(REPORT).expectRows("1 | 10");
        notesNothing(db, report);

        TestSession writer = serializable(db, "writer");
        writer.step("SELECT SUM(AMOUNT) FROM RECEIPTS").expectRows("10");
        writer.step("INSERT INTO RECEIPTS VALUES (2, 1, 5)").expectUpdated(1);
        writer.commit().expectFinished();
        report.step(REPORT).expectRows("1 | 10");
        report.commit().expectFinished();
        report.step(REPORT).expectRows("1 | 15");
    }

    /** What the writer has missed was not committed before the snapshot: that is safe, and need not be taken again. */
    @Test
    void aSafeSnapshotIsKept(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        writer.commit().expectFinished();
        reads.expectRows("1 | 10");
        report.commit().expectFinished();
    }

    @Test
    void aRollBackDecidesItToo(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        writer.rollback().expectFinished();
        reads.expectRows("1 | 10");
        report.step("SELECT COUNT(*) FROM CONTROL").expectRows("1");
    }

    @Test
    void ofSeveralWritersItWaitsForEach(Interleaving db) {
        TestSession one = serializable(db, "one");
        TestSession two = serializable(db, "two");
        TestSession report = report(db, "report");
        one.step("SELECT BATCH FROM CONTROL").expectRows("1");
        two.step("INSERT INTO RECEIPTS VALUES (2, 1, 5)").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("one");
        one.commit().expectFinished();
        reads.expectBlockedBy("two");
        two.commit().expectFinished();
        reads.expectRows("1 | 10");
    }

    @Test
    void twoWaitForTheSameAndNotForOneAnother(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession first = report(db, "first");
        TestSession second = report(db, "second");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step one = first.step(REPORT).expectBlockedBy("writer");
        Step two = second.step(REPORT).expectBlockedBy("writer");
        writer.commit().expectFinished();
        one.expectRows("1 | 10");
        two.expectRows("1 | 10");
        TestSession third = report(db, "third");
        third.step(REPORT).expectRows("1 | 11");
    }

    @ParameterizedTest
    @CsvSource({"READ_COMMITTED", "REPEATABLE_READ", "SNAPSHOT"})
    void itWaitsForNoOtherLevelAndAtNoOther(String level, Interleaving db) {
        TestSession writer = db.session("writer");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        report(db, "report").step(REPORT).expectRows("1 | 10");

        serializable(db, "another").step("SELECT BATCH FROM CONTROL").expectRows("1");
        TestSession reader = db.session("reader", "DEFERRABLE=TRUE");
        reader.step("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level.replace('_', ' '))
                .expectFinished();
        reader.step(REPORT).expectRows("1 | 10");
    }

    @Test
    void whatMayWriteCannotBeDeferred(Interleaving db) {
        TestSession session = serializable(db, "session");
        session.step("SET DEFERRABLE TRUE").expectFinished();
        for (String sql :
                new String[] {REPORT, "UPDATE CONTROL SET BATCH = 7", "CREATE TABLE X AS SELECT * FROM CONTROL"}) {
            SQLException error = session.step(sql).expectError("22023");
            assertThat(error.getMessage()).startsWith("DEFERRABLE=TRUE is for transactions that only read");
        }
        session.step("SET READ_ONLY TRUE").expectFinished();
        session.step(REPORT).expectRows("1 | 10");
        session.commit().expectFinished();
        session.step("SET READ_ONLY FALSE").expectFinished();
        session.step("SET DEFERRABLE FALSE").expectFinished();
        session.step("UPDATE CONTROL SET BATCH = 7").expectUpdated(1);
        session.commit().expectFinished();
        db.expectRows("SELECT BATCH FROM CONTROL", "7");
    }

    @Test
    void aWriteIsRefusedForWhatItIs(Interleaving db) {
        TestSession report = report(db, "report");
        report.step(REPORT).expectRows("1 | 10");
        report.step("UPDATE CONTROL SET BATCH = 7").expectError("25006");
        report.step("SELECT * FROM CONTROL FOR UPDATE").expectError("25006");
        report.step("SELECT BATCH FROM CONTROL FOR SHARE").expectRows("1");
        report.step(REPORT).expectRows("1 | 10");
        report.commit().expectFinished();
    }

    @Test
    void inAutocommitEachStatementWaits(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report").autoCommit();
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        writer.commit().expectFinished();
        reads.expectRows("1 | 10");
        report.step(REPORT).expectRows("1 | 11");
        db.expectNobodyWaits();
    }

    @Test
    void theWaitStandsInTheTables(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");

        db.expectRows(
                "SELECT MODE, TARGET_KIND, TABLE_NAME, ROW_KEY, EDGE_KIND, BLOCKING_SESSION = " + writer.id()
                        + ", BLOCKING_MODE, BLOCKING_STATE FROM SYS.LOCK_WAITS",
                "S | TRANSACTION | NULL | NULL | SAFE_SNAPSHOT | TRUE | X | IDLE IN TRANSACTION");
        db.expectRows(
                "SELECT SESSION = " + writer.id() + ", MODE, STATUS FROM SYS.LOCKS WHERE TARGET_KIND = 'TRANSACTION'"
                        + " ORDER BY STATUS",
                "TRUE | X | GRANTED",
                "FALSE | S | PENDING");
        db.expectRows("SELECT COUNT(*) FROM IPE_ALLLOCKS WHERE SESSION = " + report.id(), "0");
        assertThat(db.query("SELECT TREE FROM SYS.BLOCKING_TREE").toString()).contains("transaction ");
        writer.commit().expectFinished();
        reads.expectRows("1 | 10");
        db.expectRows("SELECT COUNT(*) FROM SYS.LOCKS WHERE TARGET_KIND = 'TRANSACTION'", "0");
        db.expectRows(
                "SELECT TARGET_KIND, EDGE_KIND, BLOCKING_SESSION = " + writer.id()
                        + " FROM SYS.LOCK_WAIT_HISTORY WHERE SESSION = " + report.id(),
                "TRANSACTION | SAFE_SNAPSHOT | TRUE");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 50})
    void itWaitsNoLongerThanForALock(int millis, Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = serializable(db, "report", "READ_ONLY=TRUE", "DEFERRABLE=TRUE", "LOCK_TIMEOUT=" + millis);
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);

        SQLException error = report.step(REPORT).expectError("HYT00");

        assertThat(error.getMessage())
                .startsWith(millis == 0 ? "Not waited: transaction " : "Timeout after ")
                .containsPattern("transaction \\d+ is still open in session " + writer.id() + " ")
                .contains("DEFERRABLE=TRUE waits until every serializable transaction");
        goesOnAfter(db, report, writer);
    }

    private static void goesOnAfter(Interleaving db, TestSession report, TestSession writer) {
        db.expectNobodyWaits();
        writer.step("SELECT BATCH FROM CONTROL").expectRows("1");
        writer.commit().expectFinished();
        report.step(REPORT).expectRows("1 | 11");
        notesNothing(db, report);
        report.commit().expectFinished();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    57014 | KILL SESSION %d CANCEL
                    57014 | UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = %d
                    57014 | SELECT STOP_STATEMENT(STATEMENT_ID) FROM SYS.SESSIONS WHERE SESSION = %d
                    """)
    void anotherSessionEndsTheWait(String state, String sql, Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        db.session("ender").step(sql.formatted(report.id())).expectFinished();
        assertThat(reads.expectError(state).getMessage()).contains("on transaction ");
        report.rollback().expectFinished();
        goesOnAfter(db, report, writer);
    }

    @Test
    void aCancelEndsTheWait(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        report.cancel();
        reads.expectError("57014");
        goesOnAfter(db, report, writer);
    }

    @Test
    void aQueryTimeoutEndsTheWait(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);

        report.step("for a second: " + REPORT, jdbc -> {
                    try (Statement limited = jdbc.createStatement()) {
                        limited.setQueryTimeout(1);
                        limited.execute(REPORT);
                    }
                })
                .expectError("57014");

        goesOnAfter(db, report, writer);
    }

    @Test
    void anInterruptEndsTheWait(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        report.interrupt();
        reads.expectError("57014");
        goesOnAfter(db, report, writer);
    }

    @Test
    void theEndOfItsSessionEndsTheWait(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        db.session("ender").step("KILL SESSION " + report.id() + " DISCONNECT").expectFinished();
        reads.expectError("08006");
        db.expectNobodyWaits();
        writer.commit().expectFinished();
        db.expectRows("SELECT COUNT(*) FROM SYS.LOCKS WHERE TARGET_KIND = 'TRANSACTION'", "0");
    }

    @Test
    void theEndOfTheWritersSessionEndsTheWait(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession report = report(db, "report");
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step reads = report.step(REPORT).expectBlockedBy("writer");
        db.session("ender").step("KILL SESSION " + writer.id() + " DISCONNECT").expectFinished();
        reads.expectRows("1 | 10");
    }

    /** It holds a name that the writer waits for, and waits for the writer. */
    @Test
    void aDeadlockIsFound(Interleaving db) {
        TestSession writer = serializable(db, "writer", "DEADLOCK_PRIORITY=5");
        TestSession report = report(db, "report");
        report.step("CALL ADVISORY_LOCK('monthly')").expectFinished();
        writer.step("UPDATE RECEIPTS SET AMOUNT = 11 WHERE ID = 1").expectUpdated(1);
        Step waits = writer.step("CALL ADVISORY_LOCK('monthly')").expectBlockedBy("report");

        SQLException error = report.step(REPORT).expectError("40001");

        assertThat(error.getMessage()).contains("Deadlock between sessions ", " still open in " + writer.id());
        waits.expectFinished();
        report.rollback().expectFinished();
        db.expectRows("SELECT COUNT(*) FROM SYS.DEADLOCKS WHERE EDGE_KIND = 'SAFE_SNAPSHOT'", "1");
        goesOnAfter(db, report, writer);
    }

    /** Prepared, it counts as committed and is not over: it makes the snapshot unsafe, and every later one too. */
    @Test
    void aPreparedBranchIsWaitedFor(Interleaving db) {
        TestSession branch = serializable(db, "branch");
        TestSession closing = serializable(db, "closing");
        TestSession report = report(db, "report");
        branch.step("SELECT BATCH FROM CONTROL").expectRows("1");
        branch.step("INSERT INTO RECEIPTS VALUES (2, 1, 5)").expectUpdated(1);
        closing.step("UPDATE CONTROL SET BATCH = 2").expectUpdated(1);
        closing.commit().expectFinished();
        branch.step("PREPARE COMMIT \"X\"").expectFinished();

        Step reads = report.step(REPORT).expectBlockedBy("branch");
        db.session("coordinator").step("COMMIT TRANSACTION \"X\"").expectFinished();
        reads.expectRows("2 | 15");
    }

    @Test
    void aDefinitionsOwnTransactionIsWaitedFor(Interleaving db) {
        TestSession definer = serializable(db, "definer");
        TestSession report = report(db, "report");
        definer.step("SELECT BATCH FROM CONTROL").expectRows("1");
        Step reads = report.step(REPORT).expectBlockedBy("definer");
        definer.step("CREATE TABLE COPY AS SELECT * FROM RECEIPTS").expectFinished();
        definer.commit().expectFinished();
        reads.expectRows("1 | 10");
    }
}
