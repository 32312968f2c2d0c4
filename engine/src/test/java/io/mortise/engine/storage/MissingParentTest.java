package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * At SERIALIZABLE by locks, who was told that a parent is missing has read that: nobody inserts it until it has ended.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class MissingParentTest {
    private final Scene scene = Scene.inMemory();

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor a;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor b;

    @BeforeEach
    void begin() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE)");
        a.runs(
                "CREATE TABLE CHILD(ID INT PRIMARY KEY, P INT REFERENCES PARENT, NAME VARCHAR(9) REFERENCES PARENT(NAME))");
        a.runs("INSERT INTO PARENT VALUES (1, 'one')");
        for (Scene.Actor actor : List.of(a, b)) {
            actor.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
            actor.inTransaction();
        }
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        a.rollsBack();
        b.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    private void isMissing(Scene.Actor actor, String child) {
        assertThatThrownBy(() -> actor.runs("INSERT INTO CHILD VALUES " + child))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23506"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(1, 9, NULL)", "(1, NULL, 'nine')"})
    void whoInsertsItWaits(String child) throws Exception {
        isMissing(a, child);

        Future<Integer> insert = b.waitsFor("INSERT INTO PARENT VALUES (9, 'nine')");
        isMissing(a, child);
        a.commits();

        assertThat(Scene.finish(insert)).isEqualTo(1);
        b.commits();
        assertThat(a.runs("INSERT INTO CHILD VALUES " + child)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(1, 9, NULL)", "(1, NULL, 'nine')"})
    void whoMissesItWaitsForWhoIsInsertingIt(String child) throws Exception {
        b.runs("INSERT INTO PARENT VALUES (9, 'nine')");

        Future<Integer> insert = a.waitsFor("INSERT INTO CHILD VALUES " + child);
        b.commits();

        assertThat(Scene.finish(insert)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(2, 9, NULL)", "(2, NULL, 'nine')"})
    void othersMayMissItToo(String child) throws Exception {
        isMissing(a, child.replace('2', '1'));
        isMissing(b, child);
        assertThat(scene.waited()).isFalse();
    }

    /** It was told that the parent has a child: nobody deletes that until it has ended. */
    @Test
    void whoDeletesTheChildWaits() throws Exception {
        a.runs("INSERT INTO CHILD VALUES (1, 1, NULL)");
        a.commits();
        hasChild(a);

        Future<Integer> delete = b.waitsFor("DELETE FROM CHILD WHERE ID = 1");
        hasChild(a);
        a.commits();

        assertThat(Scene.finish(delete)).isEqualTo(1);
        b.commits();
        assertThat(a.runs("DELETE FROM PARENT WHERE ID = 1")).isEqualTo(1);
    }

    @Test
    void whoMeetsTheChildWaitsForWhoIsDeletingIt() throws Exception {
        a.runs("INSERT INTO CHILD VALUES (1, 1, NULL)");
        a.commits();
        b.runs("DELETE FROM CHILD WHERE ID = 1");

        Future<Integer> delete = a.waitsFor("DELETE FROM PARENT WHERE ID = 1");
        b.commits();

        assertThat(Scene.finish(delete)).isEqualTo(1);
    }

    private static void hasChild(Scene.Actor actor) {
        assertThatThrownBy(() -> actor.runs("DELETE FROM PARENT WHERE ID = 1"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23503"));
    }
}
