package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A parent with several keys is locked with all of them: who relies on one of them may rely on another a statement
 * later.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class KeysOfOneParentTest {
    private static final int PARENT_MISSING = 23506;

    private final Scene scene = Scene.inMemory();
    private Scene.Actor parent;
    private Scene.Actor child;

    @BeforeEach
    void aParentWithThreeKeys() throws Exception {
        parent = scene.actor();
        child = scene.actor();
        parent.runs("CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, A INT, B INT, UNIQUE(A, B))");
        parent.runs("INSERT INTO PARENT VALUES (1, 'one', 1, 1)");
        parent.runs("CREATE TABLE BY_NAME(ID INT PRIMARY KEY, P VARCHAR(9) REFERENCES PARENT(NAME) ON UPDATE CASCADE)");
        parent.runs("CREATE TABLE BY_PAIR(ID INT PRIMARY KEY, A INT, B INT,"
                + " FOREIGN KEY(A, B) REFERENCES PARENT(A, B) ON UPDATE CASCADE)");
        parent.inTransaction();
        child.inTransaction();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        parent.rollsBack();
        child.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @Test
    void aChildByOneKeyWaitsForWhoHasChangedAnother() throws Exception {
        parent.runs("UPDATE PARENT SET A = 2 WHERE ID = 1");

        Future<Integer> byName = child.waitsFor("INSERT INTO BY_NAME VALUES (1, 'one')");
        parent.commits();

        assertThat(finish(byName)).isEqualTo(1);
        assertThatThrownBy(() -> child.runs("INSERT INTO BY_PAIR VALUES (1, 1, 1)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(PARENT_MISSING));
        child.commits();
        assertThat(child.reads("SELECT COUNT(*) FROM BY_PAIR")).isEqualTo(0L);
    }

    @Test
    void aChildByThePairWaitsForWhoHasChangedTheName() throws Exception {
        parent.runs("UPDATE PARENT SET NAME = 'uno' WHERE ID = 1");

        Future<Integer> byPair = child.waitsFor("INSERT INTO BY_PAIR VALUES (1, 1, 1)");
        parent.rollsBack();

        assertThat(finish(byPair)).isEqualTo(1);
        assertThat(child.runs("INSERT INTO BY_NAME VALUES (1, 'one')")).isEqualTo(1);
        child.commits();
    }

    @Test
    void whoChangesOneKeyWaitsForAChildByAnotherAndTakesTheNextOneAlong() throws Exception {
        child.runs("INSERT INTO BY_NAME VALUES (1, 'one')");

        Future<Integer> update = parent.waitsFor("UPDATE PARENT SET A = 2 WHERE ID = 1");
        child.runs("INSERT INTO BY_PAIR VALUES (1, 1, 1)");
        child.commits();

        assertThat(finish(update)).isEqualTo(1);
        parent.commits();
        assertThat(child.reads("SELECT A FROM BY_PAIR")).isEqualTo(2);
    }
}
