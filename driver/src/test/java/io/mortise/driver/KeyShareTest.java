package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SELECT … FOR KEY SHARE, through JDBC: it meets those who delete a row or change a key of it, and nobody else. */
@Timeout(120)
class KeyShareTest {
    private static final String QUERY = "SELECT ID FROM P WHERE ID < 3 ORDER BY ID FOR KEY SHARE";
    private static final String ONE = "SELECT ID FROM P WHERE ID = 1 FOR KEY SHARE";

    /** The same table with its keys declared in every way there is: ID and CODE are keys, V is none. */
    private static final List<String[]> SHAPES = List.of(
            new String[] {"CREATE TABLE P(ID INT PRIMARY KEY, CODE VARCHAR(9) UNIQUE, V INT)"},
            new String[] {"CREATE TABLE P(ID VARCHAR(9) PRIMARY KEY, CODE VARCHAR(9) UNIQUE, V INT)"},
            new String[] {
                "CREATE TABLE P(ID INT, CODE VARCHAR(9), V INT)",
                "CREATE UNIQUE INDEX I ON P(ID)",
                "CREATE UNIQUE INDEX J ON P(CODE, ID)"
            },
            new String[] {
                "CREATE TABLE P(ID INT PRIMARY KEY, CODE VARCHAR(9) UNIQUE, V INT)",
                "CREATE TABLE C(P INT REFERENCES P(ID))"
            });

    /** What the other session does to the row with ID 1, and whether it and FOR KEY SHARE wait for each other. */
    private static final List<String> MEETS = List.of(
            "DELETE FROM P WHERE ID = 1",
            "DELETE FROM P",
            "UPDATE P SET ID = 9 WHERE ID = 1",
            "UPDATE P SET CODE = 'z' WHERE V = 10",
            "UPDATE P SET CODE = NULL, V = 3",
            "MERGE INTO P USING (VALUES 1) S(X) ON P.ID = S.X WHEN MATCHED THEN DELETE",
            "LOCK TABLE P IN EXCLUSIVE MODE");

    private static final List<String> PASSES = List.of(
            "UPDATE P SET V = 11 WHERE ID = 1",
            "UPDATE P SET V = 11, CODE = CODE",
            "UPDATE P SET ID = ID",
            "MERGE INTO P(ID, V) KEY(ID) VALUES (1, 12)",
            "SELECT * FROM P FOR UPDATE",
            "SELECT * FROM P WHERE ID = 1 FOR NO KEY UPDATE",
            "SELECT * FROM P FOR SHARE",
            "SELECT * FROM P FOR KEY SHARE",
            "DELETE FROM P WHERE ID = 2",
            "INSERT INTO P VALUES (4, 'd', 40)",
            "LOCK TABLE P IN SHARE MODE");

    @Test
    void itMeetsWhoDeletesTheRowOrChangesAKeyWhicheverComesFirst() {
        List<String> wrong = new ArrayList<>();
        for (String[] shape : SHAPES) {
            try (Interleaving database = Interleaving.inMemory()
                    .setUp(shape)
                    .setUp("INSERT INTO P VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)")) {
                TestSession a = database.session("a");
                TestSession b = database.session("b");
                for (String other : MEETS) {
                    wrong.addAll(unlike(true, a, b, List.of(shape[0], other, ONE)));
                    wrong.addAll(unlike(true, a, b, List.of(shape[0], ONE, other)));
                }
                for (String other : PASSES) {
                    wrong.addAll(unlike(false, a, b, List.of(shape[0], other, ONE)));
                    wrong.addAll(unlike(false, a, b, List.of(shape[0], ONE, other)));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<String> unlike(boolean shouldWait, TestSession a, TestSession b, List<String> scene) {
        a.step(scene.get(1)).expectFinished();
        Step second = b.step(scene.get(2));
        boolean waits = second.blockers().equals(List.of("a"));
        a.rollback().expectFinished();
        second.expectFinished();
        b.rollback().expectFinished();
        return waits == shouldWait ? List.of() : List.of((shouldWait ? "passes: " : "waits: ") + scene);
    }

    @Test
    void itWaitsAsItIsTold() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("DELETE FROM P WHERE ID = 1").expectUpdated(1);

            b.step(QUERY + " NOWAIT").expectError("HYT00");
            b.step(QUERY + " WAIT 0.01").expectError("HYT00");
            b.step(QUERY + " SKIP LOCKED").expectRows("2");
            Step waits = b.step(ONE).expectBlockedBy("a");
            a.rollback().expectFinished();
            waits.expectRows("1");
            a.step("DELETE FROM P WHERE ID = 1").expectBlockedBy("b");
            b.commit().expectFinished();
        }
    }

    @Test
    void aRowThatIsGoneAfterTheWaitIsNotThere() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("DELETE FROM P WHERE ID = 1").expectUpdated(1);
            Step waits = b.step(QUERY).expectBlockedBy("a");
            a.commit().expectFinished();

            waits.expectRows("2");
            b.commit().expectFinished();
        }
    }

    @Test
    void itReadsWhatIsThereNow() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("UPDATE P SET V = 7 WHERE ID = 1").expectUpdated(1);

            b.step("SELECT ID, V FROM P FOR KEY SHARE").expectRows("1 | 0", "2 | 0");
            a.commit().expectFinished();
            b.step("SELECT ID, V FROM P FOR KEY SHARE").expectRows("1 | 7", "2 | 0");
            b.commit().expectFinished();
        }
    }

    @Test
    void aDeletionThatIsTakenBackToASavepointBehindItStillCounts() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("DELETE FROM P WHERE ID = 1").expectUpdated(1);
            a.step("SAVEPOINT S").expectFinished();
            a.step("INSERT INTO P VALUES (1, 5)").expectUpdated(1);
            Step waits = b.step(ONE).expectBlockedBy("a");
            a.step("ROLLBACK TO SAVEPOINT S").expectFinished();
            a.commit().expectFinished();

            waits.expectRows();
            b.commit().expectFinished();
        }
    }

    @Test
    void itIsSharedAndAnnouncedAndEndsWithTheTransaction() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(ONE).expectRows("1");
            a.step(ONE).expectRows("1");

            b.step("SELECT TARGET_KIND, MODE, STATUS, TABLE_NAME, ROW_KEY FROM SYS.LOCKS WHERE SESSION = " + a.id()
                            + " ORDER BY TARGET_KIND")
                    .expectRows("ROW_KEY | S | GRANTED | P | ID=1", "TABLE | IS | GRANTED | P | NULL");
            a.commit().expectFinished();
            b.step("SELECT COUNT(*) FROM SYS.LOCKS").expectRows("0");
            b.commit().expectFinished();
        }
    }

    @Test
    void twoWhoShareAndThenDeleteAreADeadlock() {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(ONE).expectRows("1");
            b.step(ONE).expectRows("1");
            Step first = a.step("DELETE FROM P WHERE ID = 1").expectBlockedBy("b");

            b.step("DELETE FROM P WHERE ID = 1").expectError("40001");
            first.expectUpdated(1);
            b.rollback().expectFinished();
            a.commit().expectFinished();
        }
    }

    @Test
    void aChildMayReferToWhatItSharesWhileAnotherWaitsToDeleteIt() {
        try (Interleaving database = twoRows().setUp("CREATE TABLE C(P INT REFERENCES P)")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(ONE).expectRows("1");
            Step delete = b.step("DELETE FROM P WHERE ID = 1").expectBlockedBy("a");

            a.step(ONE).expectRows("1");
            a.step("INSERT INTO C VALUES (1)").expectUpdated(1);
            a.commit().expectFinished();
            delete.expectError("23503");
            b.rollback().expectFinished();
        }
    }

    @Test
    void joinsViewsAndUnionsLockTheKeysOfAllTheirRows() {
        try (Interleaving database =
                twoRows().setUp("CREATE TABLE Q(ID INT PRIMARY KEY, P INT)", "INSERT INTO Q VALUES (5, 1), (6, 2)")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("SELECT P.ID, Q.ID FROM P JOIN Q ON Q.P = P.ID WHERE Q.ID = 5 FOR KEY SHARE")
                    .expectRows("1 | 5");
            b.step("UPDATE Q SET P = 2 WHERE ID = 5").expectUpdated(1);
            b.step("DELETE FROM P WHERE ID = 2").expectUpdated(1);
            Step delete = b.step("DELETE FROM Q WHERE ID = 5").expectBlockedBy("a");
            a.rollback().expectFinished();
            delete.expectUpdated(1);
            b.rollback().expectFinished();
            a.step("SELECT ID FROM P WHERE ID = 1 UNION ALL SELECT ID FROM Q WHERE ID = 6 FOR KEY SHARE")
                    .expectRows("1", "6");
            b.step("DELETE FROM Q WHERE ID = 5").expectUpdated(1);
            b.step("DELETE FROM Q WHERE ID = 6").expectBlockedBy("a");
            a.rollback().expectFinished();
            b.rollback().expectFinished();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"REPEATABLE READ", "SNAPSHOT"})
    void whereTheSnapshotStaysItIsAboutTheKeysOnly(String level) {
        try (Interleaving database = twoRows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level)
                    .expectFinished();
            a.step("SELECT COUNT(*) FROM P").expectRows("2");
            b.step("UPDATE P SET V = 7 WHERE ID = 1").expectUpdated(1);
            b.step("DELETE FROM P WHERE ID = 2").expectUpdated(1);
            b.commit().expectFinished();

            a.step("SELECT ID, V FROM P WHERE ID = 1 FOR KEY SHARE").expectRows("1 | 0");
            Step delete = b.step("DELETE FROM P WHERE ID = 1").expectBlockedBy("a");
            a.step("SELECT ID, V FROM P WHERE ID = 2 FOR KEY SHARE").expectError("40001");
            delete.expectUpdated(1);
            b.rollback().expectFinished();
        }
    }

    /** Under kognitio whoever reads in a transaction locks the table; sqream locks nothing that is only read. */
    @Test
    void aPolicyThatLocksNoRowsForReadersLocksNoKeys() {
        for (String policy : List.of("kognitio", "sqream")) {
            try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=" + policy)
                    .setUp("CREATE TABLE P(ID INT PRIMARY KEY, V INT)", "INSERT INTO P VALUES (1, 0), (2, 0)")) {
                TestSession a = database.session("a");
                TestSession b = database.session("b");
                a.step(ONE).expectRows("1");

                Step delete = b.step("DELETE FROM P WHERE ID = 1");
                assertThat(delete.blockers())
                        .as(policy)
                        .isEqualTo("kognitio".equals(policy) ? List.of("a") : List.of());
                database.session("c")
                        .step("SELECT COUNT(*) FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW_KEY'")
                        .expectRows("0");
                a.commit().expectFinished();
                delete.expectUpdated(1);
                b.rollback().expectFinished();
            }
        }
    }

    private static Interleaving twoRows() {
        return Interleaving.inMemory()
                .setUp("CREATE TABLE P(ID INT PRIMARY KEY, V INT)", "INSERT INTO P VALUES (1, 0), (2, 0)");
    }
}
