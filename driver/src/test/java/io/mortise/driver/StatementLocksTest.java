package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.h2.tools.TriggerAdapter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each statement locks under each policy, seen by who has to wait for it; through JDBC. */
@Timeout(120)
public class StatementLocksTest {
    private static final String[] SET_UP = {
        "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
        "CREATE TABLE LOG(ID INT)",
        "CREATE VIEW W AS SELECT ID, V FROM T",
        "CREATE TRIGGER WRITES AFTER INSERT ON LOG FOR EACH ROW CALL 'io.mortise.driver.StatementLocksTest$Writes'",
        "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0)"
    };
    private static final Map<String, String> PROBES = Map.of(
            "read", "SELECT V FROM T WHERE ID = 2",
            "share", "SELECT V FROM T WHERE ID = 1 FOR SHARE",
            "one", "UPDATE T SET V = 9 WHERE ID = 1",
            "two", "UPDATE T SET V = 9 WHERE ID = 2",
            "insert", "INSERT INTO T VALUES (9, 9)");
    private static final List<String> ORDER = List.of("read", "share", "one", "two", "insert");

    /** Policy, statement, and which of the probes wait for it. */
    private static final String STATEMENTS = """
            mvcc | SELECT V FROM T WHERE ID = 1 |
            mvcc | SELECT V FROM T WHERE ID = 1 FOR SHARE | one
            mvcc | SELECT V FROM T WHERE ID = 1 FOR UPDATE | share one
            mvcc | INSERT INTO T VALUES (9, 0) | insert
            mvcc | UPDATE T SET V = 1 WHERE ID = 1 | share one
            mvcc | DELETE FROM T WHERE ID = 1 | share one
            mvcc | SELECT V FROM W WHERE ID = 1 |
            mvcc | MERGE INTO T KEY(ID) VALUES (1, 1), (9, 1) | share one insert
            mvcc | MERGE INTO T USING (VALUES (1), (2)) S(ID) ON T.ID = S.ID WHEN MATCHED THEN DELETE | share one two
            mvcc | MERGE INTO LOG USING T ON LOG.ID = T.ID WHEN MATCHED THEN DELETE |
            mvcc | UPDATE T SET V = 1 | share one two
            mvcc | INSERT INTO LOG VALUES (1) | share one
            mvcc | LOCK TABLE T IN SHARE MODE | one two insert
            mvcc | LOCK TABLE T IN EXCLUSIVE MODE | share one two insert
            kognitio | SELECT V FROM T WHERE ID = 1 | one two insert
            kognitio | SELECT V FROM T WHERE ID = 1 FOR SHARE | one two insert
            kognitio | SELECT V FROM T WHERE ID = 1 FOR UPDATE | read share one insert
            kognitio | SELECT V FROM W WHERE ID = 1 | one two insert
            kognitio | INSERT INTO T VALUES (9, 0) | read share one two insert
            kognitio | UPDATE T SET V = 1 WHERE ID = 1 | read share one insert
            kognitio | DELETE FROM T WHERE ID = 1 | read share one insert
            kognitio | UPDATE T SET V = 1 WHERE V = 0 | read share one two insert
            kognitio | MERGE INTO T KEY(ID) VALUES (1, 1) | read share one two insert
            kognitio | MERGE INTO LOG USING T ON LOG.ID = T.ID WHEN MATCHED THEN DELETE | one two insert
            kognitio | SELECT * FROM FINAL TABLE (MERGE INTO LOG USING T ON LOG.ID = T.ID WHEN MATCHED THEN DELETE) | one two insert
            kognitio | INSERT INTO LOG VALUES (1) | read share one insert
            kognitio | LOCK TABLE T IN SHARE MODE | one two insert
            sqream | SELECT V FROM T WHERE ID = 1 |
            sqream | SELECT V FROM T WHERE ID = 1 FOR SHARE |
            sqream | SELECT V FROM T WHERE ID = 1 FOR UPDATE | one two
            sqream | INSERT INTO T VALUES (8, 0) |
            sqream | UPDATE T SET V = 1 WHERE ID = 1 | one two
            sqream | DELETE FROM T WHERE ID = 1 | one two
            sqream | MERGE INTO T KEY(ID) VALUES (1, 1) | one two
            sqream | INSERT INTO LOG VALUES (1) | one two
            sqream | LOCK TABLE T IN SHARE MODE | one two insert
            """;

    /** A trigger that changes another table. */
    public static final class Writes extends TriggerAdapter {
        @Override
        public void fire(Connection connection, ResultSet before, ResultSet after) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE T SET V = V + 1 WHERE ID = 1");
            }
        }
    }

    private static Interleaving database(String policy) {
        return Interleaving.inMemory("LOCK_POLICY=" + policy).setUp(SET_UP);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = STATEMENTS)
    void aStatementIsWaitedForByThese(String policy, String statement, String expected) {
        for (String probe : ORDER) {
            boolean waits = expected != null && List.of(expected.split(" ")).contains(probe);
            try (Interleaving database = database(policy)) {
                TestSession a = database.session("a");
                TestSession b = database.session("b");

                a.step(statement).expectFinished();
                Step step = b.step(PROBES.getOrDefault(probe, probe));
                assertThat(step.isWaiting()).as(probe + " behind " + statement).isEqualTo(waits);
                a.rollback().expectFinished();
                assertThat(step.isOver()).isTrue();
                b.rollback().expectFinished();
                database.expectNobodyWaits();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void aTruncateOfATableThatSomebodyWritesWaits(String policy) {
        try (Interleaving database = database(policy)) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step truncate = b.step("TRUNCATE TABLE T").expectBlockedBy("a");
            a.commit().expectFinished();
            truncate.expectFinished();
            b.commit().expectFinished();
            database.expectRows("SELECT COUNT(*) FROM T", "0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void aLocalTemporaryTableIsNobodyElsesBusiness(String policy) {
        try (Interleaving database = database(policy)) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            for (TestSession session : List.of(a, b)) {
                session.step("CREATE LOCAL TEMPORARY TABLE MINE(ID INT PRIMARY KEY) NOT PERSISTENT")
                        .expectFinished();
                session.step("INSERT INTO MINE VALUES (1), (2)").expectUpdated(2);
                session.step("UPDATE MINE SET ID = 3 WHERE ID = 2").expectUpdated(1);
                session.step("SELECT ID FROM MINE ORDER BY ID FOR UPDATE").expectRows("1", "3");
            }
            database.expectRows("SELECT COUNT(*) FROM SYS.LOCKS WHERE TABLE_NAME = 'MINE'", "0");
            a.step("DROP TABLE MINE").expectFinished();
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    /** Under kognitio a statement has read what it changed, and a transaction keeps what it has read. */
    @ParameterizedTest
    @CsvSource({"mvcc, false", "kognitio, true"})
    void rowsThatARollBackToASavepointFreesAreTaken(String policy, boolean keepsWhatItRead) {
        try (Interleaving database = database(policy)) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("UPDATE T SET V = 1 WHERE ID = 2").expectUpdated(1);
            a.step("SAVEPOINT S").expectFinished();
            a.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step waiting = b.step("UPDATE T SET V = V + 7 WHERE ID = 1").expectBlockedBy("a");
            a.step("ROLLBACK TO SAVEPOINT S").expectFinished();
            if (keepsWhatItRead) {
                waiting.expectBlockedBy("a");
                a.commit().expectFinished();
            }
            waiting.expectUpdated(1);
            b.commit().expectFinished();
            a.commit().expectFinished();
            database.expectRows("SELECT V FROM T ORDER BY ID", "7", "1", "0");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio"})
    void rowsOfAStatementThatFailedAreFree(String policy) {
        try (Interleaving database = database(policy)) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("UPDATE T SET V = 1 / (ID - 1) WHERE ID = 1").expectError("22012");
            b.step("UPDATE T SET V = 5 WHERE ID = 1").expectUpdated(1);
            b.commit().expectFinished();
            a.step("UPDATE T SET V = V + 1 WHERE ID = 1").expectUpdated(1);
            a.commit().expectFinished();
            database.expectRows("SELECT V FROM T WHERE ID = 1", "6");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void definitionsOfConstraintsWaitForWriters(String policy) {
        for (String definition : List.of(
                "ALTER TABLE T ADD CONSTRAINT SMALL CHECK (V < 10)",
                "ALTER TABLE T SET REFERENTIAL_INTEGRITY FALSE",
                "ALTER TABLE T SET REFERENTIAL_INTEGRITY TRUE CHECK",
                "ALTER TABLE T RENAME TO T2",
                "ALTER TABLE T DROP PRIMARY KEY",
                "CREATE INDEX I ON T(V)")) {
            try (Interleaving database = database(policy)) {
                database.setUp("DROP VIEW W");
                TestSession a = database.session("a");
                TestSession b = database.session("b");

                a.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
                Step waiting = b.step(definition).expectBlockedBy("a");
                a.commit().expectFinished();
                waiting.expectFinished();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void anIndexIsDroppedWhenNobodyWrites(String policy) {
        try (Interleaving database = database(policy)) {
            database.setUp("CREATE INDEX I ON T(V)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step drop = b.step("DROP INDEX I").expectBlockedBy("a");
            a.commit().expectFinished();
            drop.expectFinished();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void manyRowsOfOneStatementAreAllWaitedFor(String policy) {
        try (Interleaving database = database(policy)) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(10, 1000)").expectUpdated(991);
            a.commit().expectFinished();
            a.step("UPDATE T SET V = 1 WHERE ID >= 10").expectUpdated(991);
            Step waiting = b.step("DELETE FROM T WHERE ID = 1000").expectBlockedBy("a");
            a.commit().expectFinished();
            waiting.expectUpdated(1);
            b.commit().expectFinished();
        }
    }
}
