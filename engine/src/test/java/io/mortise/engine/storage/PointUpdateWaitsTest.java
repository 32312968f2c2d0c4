package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An UPDATE of one row that has waited for it changes the row that is there then. */
@Timeout(60)
final class PointUpdateWaitsTest {
    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void aRow() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT DEFAULT 7 CHECK (V < 100))");
        a.runs("INSERT INTO T VALUES (1, 10)");
        a.inTransaction();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private static int finish(Future<Integer> statement) throws Exception {
        return statement.get(60, TimeUnit.SECONDS);
    }

    @Test
    void itCountsOnWhatTheOtherHasCommitted() throws Exception {
        a.runs("UPDATE T SET V = V + 5 WHERE ID = 1");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = V + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T")).isEqualTo(16);
    }

    /** By a number that is bound the row is found in a shorter way. */
    @Test
    void soItDoesByABoundNumber() throws Exception {
        a.runs("UPDATE T SET V = V + 5 WHERE ID = 1");
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(this::addsOne, step -> new Thread(step, "waits").start());
        b.isSeenToWait("the update by a bound number");
        a.commits();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T")).isEqualTo(16);
    }

    private int addsOne() {
        try (PreparedStatement update = b.connection.prepareStatement("UPDATE T SET V = V + 1 WHERE ID = ?")) {
            update.setInt(1, 1);
            return update.executeUpdate();
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void itAsksTheRowAgain() throws Exception {
        a.runs("UPDATE T SET V = 20 WHERE ID = 1");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = V + 1 WHERE ID = 1 AND V = 10");
        a.commits();

        assertThat(finish(waiting)).isZero();
        assertThat(a.reads("SELECT V FROM T")).isEqualTo(20);
    }

    @Test
    void itFindsNothingWhereTheRowHasGone() throws Exception {
        a.runs("DELETE FROM T WHERE ID = 1");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = V + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(waiting)).isZero();
    }

    /** The row that it has read would be refused. */
    @Test
    void aCheckIsOfWhatIsThereThen() throws Exception {
        a.commits();
        a.runs("UPDATE T SET V = 99 WHERE ID = 1");
        a.commits();
        a.runs("UPDATE T SET V = 10 WHERE ID = 1");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = V + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T")).isEqualTo(11);
    }

    @Test
    void aTriggerMadeWhileItWaitedForTheTableIsCalled() throws Exception {
        a.runs("INSERT INTO T VALUES (2, 0)");
        Scene.Actor c = scene.actor();
        Future<Integer> definition = c.waitsFor(
                "CREATE TRIGGER NEGATE BEFORE UPDATE ON T FOR EACH ROW CALL '" + Negating.class.getName() + "'");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = V + 1 WHERE ID = 1");
        a.commits();

        finish(definition);
        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T WHERE ID = 1")).isEqualTo(-11);
    }

    /** What is set to NULL gets the default that the column has then. */
    @Test
    void aDefinitionWhileItWaitedForTheTableCounts() throws Exception {
        a.runs("INSERT INTO T VALUES (2, 0)");
        Scene.Actor c = scene.actor();
        Future<Integer> definition = c.waitsFor("ALTER TABLE T ALTER COLUMN V SET DEFAULT ON NULL");
        Future<Integer> waiting = b.waitsFor("UPDATE T SET V = NULL WHERE ID = 1");
        a.commits();

        finish(definition);
        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.reads("SELECT V FROM T WHERE ID = 1")).isEqualTo(7);
    }

    /** A trigger. */
    public static final class Negating implements org.h2.api.Trigger {
        @Override
        public void fire(java.sql.Connection connection, Object[] before, Object[] after) {
            after[1] = (Integer) after[1] * -1;
        }
    }
}
