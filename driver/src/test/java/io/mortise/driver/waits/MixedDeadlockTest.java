package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A waits for a row of C, C stands in the queue of a table behind B, and B wants that table, in which A has written.
 * Found by the request that closes it, whichever of the three that is.
 */
@Interleaved
@Timeout(120)
final class MixedDeadlockTest {
    private static final String ROW_OF_C = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1";
    private static final String ADD_COLUMN = "ALTER TABLE ORDERS ADD COLUMN NOTE VARCHAR";
    private static final String ORDER = "INSERT INTO ORDERS(ID) VALUES (%d)";

    @BeforeEach
    void twoTables(Interleaving db) {
        db.setUp(
                "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                "CREATE TABLE ORDERS(ID INT PRIMARY KEY)",
                "INSERT INTO ACCOUNTS VALUES (1, 0)");
        db.session("c").step(ROW_OF_C).expectUpdated(1);
        db.session("a").step(ORDER.formatted(1)).expectUpdated(1);
    }

    @Test
    void theRowClosesItAndTheQueueIsReordered(Interleaving db) {
        Step definition = db.session("b").step(ADD_COLUMN).expectBlockedBy("a");
        Step behind = db.session("c").step(ORDER.formatted(2)).expectBlockedBy("b");

        Step closing = db.session("a").step(ROW_OF_C).expectBlockedBy("c");

        behind.expectUpdated(1);
        nobodyDiedOf(db, definition, closing);
    }

    @Test
    void thePlaceInTheQueueClosesItAndIsNotTaken(Interleaving db) {
        Step definition = db.session("b").step(ADD_COLUMN).expectBlockedBy("a");
        Step closing = db.session("a").step(ROW_OF_C).expectBlockedBy("c");

        db.session("c").step(ORDER.formatted(2)).expectUpdated(1);

        nobodyDiedOf(db, definition, closing);
    }

    private static void nobodyDiedOf(Interleaving db, Step definition, Step closing) {
        db.session("c").commit().expectFinished();
        closing.expectUpdated(1);
        db.session("a").commit().expectFinished();
        definition.expectFinished();
        db.expectRows("SELECT COUNT(*) FROM SYS.DEADLOCKS", "0");
        db.expectRows("SELECT ID, NOTE FROM ORDERS ORDER BY ID", "1 | NULL", "2 | NULL");
    }

    @Test
    void wherePlacesDoNotHelpOneGivesWay(Interleaving db) {
        TestSession a = db.session("a");
        TestSession c = db.session("c");
        Step definition = db.session("b").step(ADD_COLUMN).expectBlockedBy("a");
        // A shared lock conflicts with what a has written, too: before b or behind it, c waits for a.
        Step behind = c.step("LOCK TABLE ORDERS IN SHARE MODE").expectBlockedBy("a", "b");

        SQLException error = a.step(ROW_OF_C).expectError("40001");

        assertThat((Throwable) error).isInstanceOfSatisfying(DeadlockException.class, victim -> {
            assertThat(victim.report().victim()).isEqualTo(a.id());
            assertThat(victim.report().cycle())
                    .extracting(link -> link.party().session())
                    .containsExactly(a.id(), c.id());
        });
        definition.expectFinished(); // a is gone, and c stood behind b
        behind.expectFinished();
        c.rollback().expectFinished();
        db.expectRows("SELECT COUNT(*), MAX(NOTE) FROM ORDERS", "0 | NULL");
    }

    @Test
    void aCycleOfThreeThroughTheQueueHasOneVictimAndTwoGoOn(Interleaving db) {
        TestSession a = db.session("a");
        TestSession b = db.session("b");
        TestSession c = db.session("c");
        db.setUp("CREATE TABLE NOTES(ID INT PRIMARY KEY, TEXT VARCHAR)", "INSERT INTO NOTES VALUES (1, ''), (2, '')");
        b.step("UPDATE NOTES SET TEXT = 'b'").expectUpdated(2); // More than the others, so it is not the victim.
        Step strong = b.step("LOCK TABLE ORDERS IN EXCLUSIVE MODE").expectBlockedBy("a");
        // It waits for a row of b, so no place in any queue is in its way.
        Step row = c.step("UPDATE NOTES SET TEXT = 'c' WHERE ID = 1").expectBlockedBy("b");

        SQLException error = a.step(ROW_OF_C).expectError("40001");

        assertThat(error.getMessage())
                .contains("dependency cycle of sessions " + a.id() + ", " + c.id() + ", " + b.id() + ".");
        strong.expectUpdated(0);
        b.commit().expectFinished();
        row.expectUpdated(1);
        c.commit().expectFinished();
        db.expectRows("SELECT COUNT(*) FROM SYS.LOCKS", "0");
    }
}
