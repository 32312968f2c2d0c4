package io.mortise.compat.plain;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import org.junit.jupiter.api.Test;

/** The README's test to copy, as it stands there. */
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
}
