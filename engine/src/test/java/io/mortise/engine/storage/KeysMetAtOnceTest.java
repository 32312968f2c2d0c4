package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.Future;
import org.h2.mvstore.tx.Transaction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two transactions meet each other's keys in one moment. H2's own search for deadlocks takes them for one; what counts
 * is ours, which says who and why, and no transaction may be left unfit to go on.
 */
@Timeout(60)
final class KeysMetAtOnceTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor older;
    private Scene.Actor younger;

    @BeforeEach
    void aRowOfEach() throws Exception {
        older = scene.actor();
        younger = scene.actor();
        older.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        older.inTransaction().runs("INSERT INTO T VALUES (1, 1)");
        younger.inTransaction().runs("INSERT INTO T VALUES (2, 2)");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private static Transaction transaction(Scene.Actor of) {
        return Objects.requireNonNull(H2Reflection.transaction(of.session.h2()), "a transaction that is open");
    }

    /** The one stands inside H2, past its own search, until the other has searched. */
    private int failuresIfMetAtOnce(Scene.Actor one, String first, Scene.Actor other, String second) throws Exception {
        Thread thread = Scene.finish(one.does(Thread::currentThread));
        Future<Integer> stands;
        Future<Integer> searches;
        synchronized (transaction(other)) {
            stands = one.begin(first);
            while (thread.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            searches = other.waitsFor(second);
        }
        return failures(stands) + failures(searches);
    }

    private int failures(Future<Integer> statement) throws Exception {
        try {
            Scene.finish(statement);
            return 0;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("40001");
            return 1;
        }
    }

    @Test
    void theYoungerThatStoodIsNoVictimOfH2() throws Exception {
        int failures =
                failuresIfMetAtOnce(younger, "INSERT INTO T VALUES (1, 2)", older, "INSERT INTO T VALUES (2, 1)");

        assertThat(failures).isOne();
        assertThat(scene.deadlocks).hasSize(1);
    }

    @Test
    void theYoungerThatSearchedIsNoVictimOfH2() throws Exception {
        int failures =
                failuresIfMetAtOnce(older, "INSERT INTO T VALUES (2, 1)", younger, "INSERT INTO T VALUES (1, 2)");

        assertThat(failures).isOne();
        assertThat(scene.deadlocks).hasSize(1);
    }

    /** H2 marks it when it has looked for the mark already, and has been told to wait. */
    @Test
    void oneMarkedWhileItWaitsGoesOn() throws Exception {
        Future<Integer> insert = younger.waitsFor("INSERT INTO T VALUES (1, 2)");
        Method mark = Transaction.class.getDeclaredMethod("setStatus", int.class);
        mark.setAccessible(true);
        mark.invoke(transaction(younger), 4);
        older.rollsBack();

        assertThat(Scene.finish(insert)).isOne();
        younger.commits();
        assertThat(older.reads("SELECT SUM(V) FROM T")).isEqualTo(4L);
    }
}
