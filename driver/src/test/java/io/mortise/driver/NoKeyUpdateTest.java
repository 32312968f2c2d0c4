package io.mortise.driver;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SELECT … FOR NO KEY UPDATE, through JDBC. */
@Timeout(120)
class NoKeyUpdateTest {
    private static final String QUERY = "SELECT ID FROM P WHERE ID < 3 ORDER BY ID FOR NO KEY UPDATE";

    @Test
    void itLocksRowsLetsChildrenPassAndWaitsAsItIsTold() {
        try (Interleaving database = Interleaving.inMemory()
                .setUp(
                        "CREATE TABLE P(ID INT PRIMARY KEY, V INT)",
                        "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P)",
                        "INSERT INTO P VALUES (1, 0), (2, 0)")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            a.step("SELECT ID FROM P WHERE ID = 1 FOR NO KEY UPDATE").expectRows("1");
            b.step("INSERT INTO C VALUES (1, 1)").expectUpdated(1);
            b.step(QUERY + " NOWAIT").expectError("HYT00");
            b.step(QUERY + " WAIT 0.01").expectError("HYT00");
            b.step(QUERY + " SKIP LOCKED").expectRows("2");
            Step waits =
                    b.step("SELECT ID FROM P WHERE ID = 1 FOR NO KEY UPDATE").expectBlockedBy("a");
            a.commit().expectFinished();
            waits.expectRows("1");
            b.rollback().expectFinished();
        }
    }
}
