package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An INSERT of one row that has waited for its table inserts into the table that is there then. */
@Timeout(60)
final class PointInsertWaitsTest {
    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor a;
    private Scene.Actor b;
    private Scene.Actor c;

    @BeforeEach
    void aTableInUse() throws Exception {
        a = scene.actor();
        b = scene.actor();
        c = scene.actor();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT DEFAULT 7, U INT)");
        a.inTransaction();
        a.runs("INSERT INTO T VALUES (1, 10, 1)");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    /** The definition waits for the first insert, and the second for the definition. */
    private int insertsBehind(String definition, String insert) throws Exception {
        Future<Integer> defines = c.waitsFor(definition);
        Future<Integer> inserts = b.waitsFor(insert);
        a.commits();
        defines.get(60, TimeUnit.SECONDS);
        return inserts.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aTriggerMadeMeanwhileIsCalled() throws Exception {
        String trigger = "CREATE TRIGGER NEGATE BEFORE INSERT ON T FOR EACH ROW CALL '"
                + PointUpdateWaitsTest.Negating.class.getName() + "'";

        assertThat(insertsBehind(trigger, "INSERT INTO T VALUES (2, 20, 2)")).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T WHERE ID = 2")).isEqualTo(-20);
    }

    @Test
    void aDefaultSetMeanwhileCounts() throws Exception {
        assertThat(insertsBehind("ALTER TABLE T ALTER COLUMN V SET DEFAULT 8", "INSERT INTO T(ID) VALUES (2)"))
                .isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T WHERE ID = 2")).isEqualTo(8);
    }

    @Test
    void aColumnDroppedMeanwhileShiftsNoValue() throws Exception {
        assertThat(insertsBehind("ALTER TABLE T DROP COLUMN V", "INSERT INTO T(ID, U) VALUES (2, 20)"))
                .isEqualTo(1);
        assertThat(a.reads("SELECT U FROM T WHERE ID = 2")).isEqualTo(20);
    }

    @Test
    void aCheckMadeMeanwhileIsOfTheRow() throws Exception {
        Future<Integer> defines = c.waitsFor("ALTER TABLE T ADD CHECK (V < 20)");
        Future<Integer> inserts = b.waitsFor("INSERT INTO T VALUES (2, 20, 2)");
        a.commits();
        defines.get(60, TimeUnit.SECONDS);

        assertThat(inserts).failsWithin(java.time.Duration.ofSeconds(60));
        assertThat(a.reads("SELECT COUNT(*) FROM T")).isEqualTo(1L);
    }

    @Test
    void aKeyMadeMeanwhileIsEnforced() throws Exception {
        a.runs("CREATE TABLE P(ID INT PRIMARY KEY)");
        a.inTransaction();
        a.runs("INSERT INTO T VALUES (3, 10, NULL)");
        a.runs("DELETE FROM T WHERE ID = 1");
        Future<Integer> defines = c.waitsFor("ALTER TABLE T ADD FOREIGN KEY(U) REFERENCES P");
        Future<Integer> inserts = b.waitsFor("INSERT INTO T VALUES (2, 20, 2)");
        a.commits();
        defines.get(60, TimeUnit.SECONDS);

        assertThat(inserts).failsWithin(java.time.Duration.ofSeconds(60));
        assertThat(a.reads("SELECT COUNT(*) FROM T")).isEqualTo(1L);
    }
}
