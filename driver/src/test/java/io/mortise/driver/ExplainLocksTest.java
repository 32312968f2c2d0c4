package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What EXPLAIN LOCKS says of a statement, beside what the statement then does: waits, and for whom, or not. */
@Timeout(120)
class ExplainLocksTest {
    private static final String[] TABLES = {
        "CREATE TABLE P(ID INT PRIMARY KEY, CODE VARCHAR(9) UNIQUE, V INT)",
        "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P(ID), V INT)",
        "INSERT INTO P VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)",
        "INSERT INTO C VALUES (1, 1, 0)",
        "CREATE VIEW W AS SELECT * FROM P",
        "CREATE VIEW WW AS SELECT * FROM W",
        "CREATE VIEW S AS SELECT * FROM C WHERE P IN (SELECT ID FROM P)"
    };
    private static final List<String> HOLDERS = List.of(
            "UPDATE P SET V = 11 WHERE ID = 1",
            "DELETE FROM P WHERE ID = 3",
            "INSERT INTO P VALUES (4, 'd', 40)",
            "UPDATE P SET CODE = 'z' WHERE ID = 2",
            "INSERT INTO C VALUES (2, 2, 0)",
            "SELECT * FROM P WHERE ID = 2 FOR UPDATE",
            "SELECT * FROM P WHERE V > 20 FOR SHARE",
            "SELECT * FROM P WHERE ID = 3 FOR KEY SHARE",
            "LOCK TABLE P IN SHARE MODE",
            "SELECT 1");
    private static final List<String> STATEMENTS = List.of(
            "UPDATE P SET V = 0",
            "UPDATE P SET V = 0 WHERE ID = 1",
            "UPDATE P SET V = 0 WHERE V < 15",
            "UPDATE P SET V = 0 WHERE CODE IN ('b', 'c') AND V > 25",
            "DELETE FROM C",
            "DELETE FROM P WHERE ID = 2",
            "DELETE FROM P WHERE V = 30",
            "SELECT * FROM P FOR UPDATE",
            "SELECT * FROM P WHERE V = 10 FOR UPDATE",
            "SELECT * FROM P FOR UPDATE SKIP LOCKED",
            "SELECT * FROM P WHERE ID = 2 FOR SHARE",
            "SELECT * FROM P WHERE ID > 1 FOR KEY SHARE",
            "SELECT * FROM P FOR KEY SHARE SKIP LOCKED",
            "UPDATE P SET CODE = 'k' WHERE ID = 3",
            "UPDATE P SET ID = 13 WHERE CODE = 'b'",
            "SELECT * FROM P",
            "SELECT * FROM WW",
            "SELECT * FROM S",
            "SELECT COUNT(*) FROM (SELECT * FROM C WHERE P IN (SELECT ID FROM W)) D",
            "SELECT * FROM SYSTEM_RANGE(1, (SELECT MAX(V) FROM P))",
            "INSERT INTO P VALUES (4, 'x', 0)",
            "INSERT INTO P VALUES (5, 'd', 0)",
            "INSERT INTO P(V, CODE, ID) VALUES (0, 'b', 6)",
            "INSERT INTO P VALUES (7, 'y', 0)",
            "INSERT INTO C VALUES (3, 3, 0)",
            "INSERT INTO C VALUES (4, 1, 0)",
            "INSERT INTO C VALUES (5, NULL, 0)",
            "MERGE INTO P(ID, CODE, V) KEY(ID) VALUES (1, 'a', 5)",
            "MERGE INTO P(ID, CODE, V) KEY(CODE) VALUES (4, 'd', 5)",
            "MERGE INTO P(ID, CODE, V) KEY(ID) VALUES (8, 'w', 5)");

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void saysWhatTheStatementThenDoes(String policy) {
        List<String> wrong = new ArrayList<>();
        for (String holder : HOLDERS) {
            try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=" + policy)) {
                database.setUp(TABLES);
                TestSession a = database.session("a");
                TestSession b = database.session("b");
                for (String statement : STATEMENTS) {
                    compare(policy, a, b, List.of(holder, statement)).ifPresent(wrong::add);
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    private static Optional<String> compare(String policy, TestSession a, TestSession b, List<String> two) {
        a.step(two.get(0)).expectFinished();
        Blocked said = said(b, two.get(1));
        b.rollback().expectFinished();
        Step run = b.step(two.get(1));
        List<String> really = run.blockers();
        a.rollback().expectFinished();
        run.expectEnd();
        b.rollback().expectFinished();
        boolean isRight = said.waits != really.isEmpty() && (really.isEmpty() || said.session == a.id());
        return isRight
                ? Optional.empty()
                : Optional.of(
                        policy + ": " + two.get(0) + " / " + two.get(1) + ": said " + said + ", waits for " + really);
    }

    private record Blocked(boolean waits, int session) {}

    /** Of the first step that would wait. */
    private static Blocked said(TestSession session, String statement) {
        return session.step("EXPLAIN LOCKS " + statement).expectFinished().result().rows().stream()
                .map(row -> row.split(" \\| "))
                .filter(row -> "TRUE".equals(row[row.length - 3]))
                .findFirst()
                .map(row -> new Blocked(true, Integer.parseInt(row[row.length - 2])))
                .orElse(new Blocked(false, 0));
    }

    @Test
    void countsThoseWhoWaitAlready() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp(TABLES);
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            TestSession c = database.session("c");
            a.step("UPDATE P SET V = 0 WHERE ID = 1").expectFinished();
            Step waiting = b.step("UPDATE P SET V = 1 WHERE ID = 1").expectWaiting();

            for (String statement : List.of("UPDATE P SET V = 2", "DELETE FROM P WHERE ID = 1")) {
                c.step("SELECT WOULD_WAIT, BLOCKING_SESSION, QUEUED_BEHIND FROM SYS.EXPLAIN_LOCKS('" + statement
                                + "') WHERE LOCK_LEVEL = 'ROW' AND TABLE_NAME = 'P'")
                        .expectRows("TRUE | " + a.id() + " | 1");
            }
            a.step("SELECT COUNT(*) FROM SYS.EXPLAIN_LOCKS('UPDATE P SET V = 2') WHERE WOULD_WAIT")
                    .expectRows("0");
            a.commit().expectFinished();
            waiting.expectFinished();
            b.commit().expectFinished();
            c.commit().expectFinished();
        }
    }

    @Test
    void whatWouldHaveToBeRunToBeKnownCountsAsEveryRow() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp(TABLES);
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("UPDATE P SET V = 0 WHERE ID = 1").expectFinished();

            b.step("SELECT BLOCKING_SESSION FROM SYS.EXPLAIN_LOCKS("
                            + "'UPDATE P SET V = 2 WHERE ID IN (SELECT P FROM C WHERE V = 7)') WHERE WOULD_WAIT")
                    .expectRows(Integer.toString(a.id()));
            a.rollback().expectFinished();
            b.rollback().expectFinished();
        }
    }

    /** A range is a range, and all of a table all of it, as SYS.LOCKS has it afterwards. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM P WHERE ID = 1",
                "SELECT * FROM P WHERE ID BETWEEN 1 AND 2 AND V = 3",
                "SELECT * FROM P WHERE ID IN (1, 9)",
                "SELECT * FROM P WHERE V = 0",
                "SELECT * FROM P JOIN P Q ON Q.ID = P.ID WHERE P.CODE = 'a'",
                "SELECT MAX(V) FROM P",
                "SELECT (SELECT COUNT(*) FROM P WHERE ID > 1)",
                "UPDATE P SET V = V + 1 WHERE ID = 2",
                "DELETE FROM P WHERE V = 17"
            })
    void saysWhatASerializableTransactionThenNotes(String statement) {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp(TABLES);
            TestSession a = database.session("a");
            a.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                    .expectFinished();

            List<String> said = rows(
                    a,
                    "SELECT DISTINCT TABLE_NAME, CASE LOCK_LEVEL WHEN 'TAB' THEN 'TABLE' ELSE 'RANGE' END FROM SYS.EXPLAIN_LOCKS('"
                            + statement.replace("'", "''") + "') WHERE MODE = 'SIREAD' ORDER BY 1, 2");
            a.rollback().expectFinished();
            a.step(statement).expectFinished();

            assertThat(
                            rows(
                                    a,
                                    "SELECT DISTINCT TABLE_NAME, TARGET_KIND FROM SYS.LOCKS WHERE MODE = 'SIREAD' ORDER BY 1, 2"))
                    .isNotEmpty()
                    .isEqualTo(said);
            a.rollback().expectFinished();
        }
    }

    private static List<String> rows(TestSession session, String sql) {
        return session.step(sql).expectFinished().result().rows();
    }
}
