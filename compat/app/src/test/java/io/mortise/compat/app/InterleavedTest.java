package io.mortise.compat.app;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import org.junit.jupiter.api.Test;

/** The testkit with Boot's JUnit, and with the engine inside mortise-all. */
@Interleaved
class InterleavedTest {
    @Test
    void theSecondWaitsForTheFirst(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0)");
        TestSession a = db.session("a");
        TestSession b = db.session("b");

        a.step("UPDATE T SET V = V + 1 WHERE ID = 1").expectUpdated(1);
        Step second = b.step("UPDATE T SET V = V + 1 WHERE ID = 1").expectBlockedBy("a");
        a.commit().expectFinished();

        second.expectUpdated(1);
        b.step("SELECT V FROM T").expectRows("2");
    }
}
