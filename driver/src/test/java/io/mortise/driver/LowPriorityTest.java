package io.mortise.driver;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions that wait without holding up those who come later, through JDBC. */
@Timeout(120)
class LowPriorityTest {
    private static final String[] SET_UP = {
        "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
        "CREATE TABLE PARENT(ID INT PRIMARY KEY)",
        "INSERT INTO T VALUES (1, 0), (2, 0), (3, 0)"
    };

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE T ADD COLUMN C INT",
                "ALTER TABLE T ALTER COLUMN V SET NOT NULL",
                "ALTER TABLE T ADD CONSTRAINT POSITIVE CHECK (V >= 0)",
                "ALTER TABLE T ADD FOREIGN KEY (V) REFERENCES PARENT(ID) NOCHECK",
                "CREATE INDEX I ON T(V)",
                "DROP TABLE T",
                "TRUNCATE TABLE T"
            })
    void aDefinitionOfLowPriorityHoldsNobodyUp(String definition) {
        try (Interleaving database = Interleaving.inMemory().setUp(SET_UP)) {
            TestSession writer = database.session("writer");
            TestSession definer = database.session("definer");
            TestSession late = database.session("late");

            writer.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step waiting = definer.step(definition + " WAIT LOW PRIORITY").expectBlockedBy("writer");
            late.step("UPDATE T SET V = 1 WHERE ID = 2").expectUpdated(1);
            database.expectRows(
                    "SELECT MODE FROM SYS.LOCKS WHERE STATUS = 'PENDING' AND SESSION = " + definer.id(), "X");
            late.step("CREATE TABLE UNRELATED(ID INT)").expectFinished();
            late.step("UPDATE T SET V = 1 WHERE ID = 3").expectUpdated(1);
            writer.commit().expectFinished();
            waiting.expectBlockedBy("late");
            late.commit().expectFinished();
            waiting.expectFinished();
        }
    }

    @Test
    void withoutTheWordsItStandsInLine() {
        try (Interleaving database = Interleaving.inMemory().setUp(SET_UP)) {
            TestSession writer = database.session("writer");
            TestSession definer = database.session("definer");
            TestSession late = database.session("late");

            writer.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step waiting = definer.step("ALTER TABLE T ADD COLUMN C INT").expectBlockedBy("writer");
            Step held = late.step("UPDATE T SET V = 1 WHERE ID = 2").expectWaiting();
            writer.commit().expectFinished();
            waiting.expectFinished();
            held.expectUpdated(1);
            late.commit().expectFinished();
        }
    }

    @Test
    void itIsServedBehindEverybodyElseWhoWaits() {
        try (Interleaving database = Interleaving.inMemory().setUp(SET_UP)) {
            TestSession writer = database.session("writer");
            TestSession low = database.session("low");
            TestSession locker = database.session("locker");

            writer.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            Step last = low.step("TRUNCATE TABLE T WAIT LOW PRIORITY").expectBlockedBy("writer");
            Step first = locker.step("LOCK TABLE T IN EXCLUSIVE MODE").expectBlockedBy("writer");
            writer.commit().expectFinished();
            first.expectFinished();
            last.expectBlockedBy("locker");
            locker.commit().expectFinished();
            last.expectFinished();
        }
    }

    @Test
    void itEndsAtTheLockTimeout() {
        try (Interleaving database = Interleaving.inMemory().setUp(SET_UP)) {
            TestSession writer = database.session("writer");
            TestSession definer = database.session("definer");

            writer.step("UPDATE T SET V = 1 WHERE ID = 1").expectUpdated(1);
            definer.step("SET LOCK_TIMEOUT 50").expectUpdated(0);
            definer.step("DROP TABLE T WAIT LOW PRIORITY").expectError("HYT00");
            writer.commit().expectFinished();
        }
    }
}
