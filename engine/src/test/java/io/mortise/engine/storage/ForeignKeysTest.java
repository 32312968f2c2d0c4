package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ForeignKeysTest {
    private static final String ORPHANS = "SELECT COUNT(*) FROM CHILD WHERE PARENT NOT IN (SELECT ID FROM PARENT)";

    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void aParentWithoutChildren() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR)");
        a.runs("CREATE TABLE CHILD(ID INT PRIMARY KEY, PARENT INT REFERENCES PARENT(ID))");
        a.runs("INSERT INTO PARENT VALUES (1, 'x'), (2, 'y')");
        a.inTransaction();
        b.inTransaction();
    }

    @AfterEach
    void noOrphanIsLeft() throws Exception {
        a.rollsBack();
        b.rollsBack();
        assertThat(a.reads(ORPHANS)).isEqualTo(0L);
        a.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    private void isolation(int level) throws Exception {
        a.connection.setTransactionIsolation(level);
        b.connection.setTransactionIsolation(level);
        a.reads("SELECT COUNT(*) FROM PARENT");
        b.reads("SELECT COUNT(*) FROM PARENT");
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ})
    void aChildWaitsForTheDeleteOfItsParentAndFails(int level) throws Exception {
        isolation(level);
        a.runs("DELETE FROM PARENT WHERE ID = 1");

        Future<Integer> child = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.commits();

        assertThatThrownBy(() -> finish(child))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(23506));
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ})
    void theDeleteOfAParentWaitsForItsChildAndFails(int level) throws Exception {
        isolation(level);
        a.runs("INSERT INTO CHILD VALUES (1, 1)");

        Future<Integer> delete = b.waitsFor("DELETE FROM PARENT WHERE ID = 1");
        a.commits();

        assertThatThrownBy(() -> finish(delete))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(23503));
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ})
    void aChildCommittedSinceTheSnapshotStopsTheDelete(int level) throws Exception {
        isolation(level);
        a.runs("INSERT INTO CHILD VALUES (1, 1)");
        a.commits();

        assertThatThrownBy(() -> b.runs("DELETE FROM PARENT WHERE ID = 1"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(23503));
    }

    @Test
    void aChildIsInsertedOnceTheDeleteIsRolledBack() throws Exception {
        a.runs("DELETE FROM PARENT WHERE ID = 1");
        Future<Integer> child = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");

        a.rollsBack();

        assertThat(finish(child)).isEqualTo(1);
        b.commits();
    }

    @Test
    void aChildWaitsForTheInsertOfItsParent() throws Exception {
        a.runs("INSERT INTO PARENT VALUES (3, 'z')");
        Future<Integer> child = b.waitsFor("INSERT INTO CHILD VALUES (1, 3)");

        a.commits();

        assertThat(finish(child)).isEqualTo(1);
        b.commits();
    }

    @Test
    void anUpdateThatLeavesTheKeyAloneMeetsNoChild() throws Exception {
        a.runs("UPDATE PARENT SET NAME = 'new' WHERE ID = 1");
        b.runs("INSERT INTO CHILD VALUES (1, 1)");

        assertThat(a.runs("UPDATE PARENT SET NAME = 'newer' WHERE ID = 1")).isEqualTo(1);
        a.commits();
        b.commits();
    }

    @Test
    void aChangeOfTheKeyWaitsForTheChild() throws Exception {
        a.runs("INSERT INTO CHILD VALUES (1, 1)");

        Future<Integer> change = b.waitsFor("UPDATE PARENT SET ID = 9 WHERE ID = 1");
        a.rollsBack();

        assertThat(finish(change)).isEqualTo(1);
    }

    @Test
    void aCascadeTakesTheChildThatCameMeanwhile() throws Exception {
        a.runs("CREATE TABLE PUPIL(ID INT PRIMARY KEY, PARENT INT REFERENCES PARENT(ID) ON DELETE CASCADE)");
        a.runs("INSERT INTO PUPIL VALUES (1, 2)");

        Future<Integer> delete = b.waitsFor("DELETE FROM PARENT WHERE ID = 2");
        a.commits();

        assertThat(finish(delete)).isEqualTo(1);
        assertThat(b.reads("SELECT COUNT(*) FROM PUPIL")).isEqualTo(0L);
        b.commits();
    }
}
