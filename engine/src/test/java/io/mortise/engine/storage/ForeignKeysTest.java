package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SerializationConflictException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ForeignKeysTest {
    private static final int PARENT_MISSING = 23506;
    private static final int CHILD_EXISTS = 23503;
    private static final String ORPHANS =
            "SELECT COUNT(*) FROM CHILD WHERE P IS NOT NULL AND P NOT IN (SELECT ID FROM PARENT)";

    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void aParent() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE PARENT(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, NOTE INT)");
        a.runs("INSERT INTO PARENT VALUES (1, 'one', 0), (2, 'two', 0), (3, NULL, 0)");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        a.rollsBack();
        b.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    private void child(String actions) throws Exception {
        a.runs("CREATE TABLE CHILD(ID INT PRIMARY KEY, P INT DEFAULT 2 REFERENCES PARENT " + actions + ")");
        begin("READ COMMITTED");
    }

    private void begin(String isolation) throws Exception {
        for (Scene.Actor actor : List.of(a, b)) {
            actor.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + isolation);
            actor.inTransaction();
        }
    }

    private static void failsWith(int code, Callable<?> statement) {
        assertThatThrownBy(statement::call)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(code));
    }

    private static void failsWith(int code, Future<?> statement) {
        failsWith(code, () -> finish(statement));
    }

    private void noOrphan() throws Exception {
        Scene.Actor reader = scene.actor();
        assertThat(reader.reads(ORPHANS)).isEqualTo(0L);
    }

    static Stream<Arguments> levelsAndActions() {
        return Stream.of("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE")
                .flatMap(level -> Stream.of("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT")
                        .map(action -> Arguments.of(level, action)));
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aChildInsertedAfterTheDeleteWaitsAndFailsOnceThatIsCommitted(String level, String action) throws Exception {
        child("ON DELETE " + action);
        begin(level);
        b.reads("SELECT 1 FROM DUAL");
        b.reads("SELECT COUNT(*) FROM PARENT WHERE ID = 3");
        b.rollsBack();
        a.runs("DELETE FROM PARENT WHERE ID = 1");

        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.commits();

        failsWith(PARENT_MISSING, insert);
        b.commits();
        noOrphan();
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aChildInsertedAfterTheDeleteStaysIfThatIsRolledBack(String level, String action) throws Exception {
        child("ON DELETE " + action);
        begin(level);
        a.runs("DELETE FROM PARENT WHERE ID = 1");

        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.rollsBack();

        assertThat(finish(insert)).isEqualTo(1);
        b.commits();
        noOrphan();
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aParentDeletedAfterTheInsertWaitsAndThenSeesTheChild(String level, String action) throws Exception {
        child("ON DELETE " + action);
        begin(level);
        b.runs("INSERT INTO CHILD VALUES (1, 1)");

        Future<Integer> delete = a.waitsFor("DELETE FROM PARENT WHERE ID = 1");
        b.commits();

        if (action.equals("NO ACTION") || action.equals("RESTRICT")) {
            failsWith(CHILD_EXISTS, delete);
        } else if (level.equals("REPEATABLE READ") || level.equals("SNAPSHOT")) {
            endsWithOrWithoutAConflict(delete);
        } else {
            assertThat(finish(delete)).isEqualTo(1);
        }
        a.commits();
        noOrphan();
    }

    // A snapshot that began with the statement shows the child or does not; in no case may it be left behind.
    private static void endsWithOrWithoutAConflict(Future<Integer> delete) throws Exception {
        try {
            assertThat(finish(delete)).isEqualTo(1);
        } catch (SerializationConflictException e) {
            assertThat(e.getSQLState()).isEqualTo("40001");
        }
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aKeyThatIsChangedIsHeldUpLikeARowThatIsDeleted(String level, String action) throws Exception {
        child("ON UPDATE " + action);
        begin(level);
        a.runs("UPDATE PARENT SET ID = 9 WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.commits();
        failsWith(PARENT_MISSING, insert);
        b.rollsBack();

        b.runs("INSERT INTO CHILD VALUES (2, 9)");
        Future<Integer> update = a.waitsFor("UPDATE PARENT SET ID = 1 WHERE ID = 9");
        b.rollsBack();

        assertThat(finish(update)).isEqualTo(1);
        a.commits();
        noOrphan();
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aChildThatTheSnapshotDoesNotShowIsNotMissed(String level, String action) throws Exception {
        child("ON DELETE " + action);
        begin(level);
        a.reads("SELECT COUNT(*) FROM DUAL");
        if (!level.equals("SERIALIZABLE")) {
            a.reads("SELECT COUNT(*) FROM CHILD");
        }
        b.runs("INSERT INTO CHILD VALUES (1, 1)");
        b.commits();

        if (action.equals("NO ACTION") || action.equals("RESTRICT")) {
            failsWith(CHILD_EXISTS, () -> a.runs("DELETE FROM PARENT WHERE ID = 1"));
        } else if (level.equals("REPEATABLE READ") || level.equals("SNAPSHOT")) {
            assertThatThrownBy(() -> a.runs("DELETE FROM PARENT WHERE ID = 1"))
                    .isInstanceOf(SerializationConflictException.class);
        } else {
            assertThat(a.runs("DELETE FROM PARENT WHERE ID = 1")).isEqualTo(1);
        }
        a.commits();
        noOrphan();
    }

    @ParameterizedTest
    @MethodSource("levelsAndActions")
    void aParentCommittedSinceTheSnapshotIsThere(String level, String action) throws Exception {
        child("ON DELETE " + action);
        begin(level);
        b.reads("SELECT COUNT(*) FROM DUAL");
        if (!level.equals("SERIALIZABLE")) {
            b.reads("SELECT COUNT(*) FROM PARENT");
        }
        a.runs("INSERT INTO PARENT VALUES (7, 'seven', 0)");
        a.commits();

        assertThat(b.runs("INSERT INTO CHILD VALUES (1, 7)")).isEqualTo(1);
        b.commits();
        noOrphan();
    }

    @Test
    void anUpdateThatLeavesTheKeyAloneHoldsNobodyUp() throws Exception {
        child("");
        a.runs("UPDATE PARENT SET NOTE = 1, NAME = 'x' WHERE ID = 1");
        assertThat(b.runs("INSERT INTO CHILD VALUES (1, 1)")).isEqualTo(1);
        assertThat(a.runs("UPDATE PARENT SET NOTE = 2 WHERE ID = 1")).isEqualTo(1);
        a.reads("SELECT * FROM PARENT WHERE ID = 2 FOR UPDATE");
        assertThat(b.runs("INSERT INTO CHILD VALUES (2, 2)")).isEqualTo(1);
    }

    @Test
    void twoChildrenOfOneParentDoNotMeet() throws Exception {
        child("");
        assertThat(a.runs("INSERT INTO CHILD VALUES (1, 1)")).isEqualTo(1);
        assertThat(b.runs("INSERT INTO CHILD VALUES (2, 1)")).isEqualTo(1);
    }

    @Test
    void aForeignKeyOntoAUniqueKeyIsGuardedByThatKey() throws Exception {
        a.runs("CREATE TABLE CHILD(ID INT PRIMARY KEY, P VARCHAR(9) REFERENCES PARENT(NAME))");
        begin("READ COMMITTED");
        a.runs("UPDATE PARENT SET NAME = 'uno' WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 'one')");
        a.commits();
        failsWith(PARENT_MISSING, insert);

        b.runs("INSERT INTO CHILD VALUES (1, 'uno')");
        assertThat(a.runs("UPDATE PARENT SET NOTE = 1 WHERE ID = 1")).isEqualTo(1);
        Future<Integer> update = a.waitsFor("UPDATE PARENT SET NAME = 'one' WHERE ID = 1");
        b.commits();
        failsWith(CHILD_EXISTS, update);
    }

    @Test
    void aCompositeKeyIsHeldByAllItsColumnsAndByNoneIfOneIsNull() throws Exception {
        a.runs("CREATE TABLE PAIR(X INT, Y INT, PRIMARY KEY(X, Y))");
        a.runs("INSERT INTO PAIR VALUES (1, 1), (1, 2)");
        a.runs("CREATE TABLE CHILD(ID INT PRIMARY KEY, Y INT, X INT, FOREIGN KEY(X, Y) REFERENCES PAIR(X, Y))");
        begin("READ COMMITTED");
        a.runs("DELETE FROM PAIR WHERE X = 1 AND Y = 1");

        assertThat(b.runs("INSERT INTO CHILD VALUES (1, 2, 1), (2, NULL, 1), (3, 1, NULL)"))
                .isEqualTo(3);
        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (4, 1, 1)");
        a.commits();

        failsWith(PARENT_MISSING, insert);
        b.commits();
    }

    @Test
    void aRowMayReferToItselfAndToAnotherOfItsTable() throws Exception {
        a.runs("CREATE TABLE NODE(ID INT PRIMARY KEY, UP INT REFERENCES NODE ON DELETE CASCADE)");
        begin("READ COMMITTED");
        a.runs("INSERT INTO NODE VALUES (1, 1), (2, 1), (3, 2)");
        a.commits();
        b.runs("INSERT INTO NODE VALUES (4, 3)");

        Future<Integer> delete = a.waitsFor("DELETE FROM NODE WHERE ID = 1");
        b.commits();

        assertThat(finish(delete)).isEqualTo(1);
        assertThat(a.reads("SELECT COUNT(*) FROM NODE")).isEqualTo(0L);
        failsWith(PARENT_MISSING, () -> a.runs("INSERT INTO NODE VALUES (5, 6)"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void aRowThatRefersToItselfGoesThoughTheSnapshotStillShowsIt(String level) throws Exception {
        a.runs("CREATE TABLE NODE(ID INT PRIMARY KEY, UP INT REFERENCES NODE ON DELETE CASCADE)");
        a.runs("INSERT INTO NODE VALUES (1, 1), (2, 1)");
        begin(level);
        assertThat(a.reads("SELECT COUNT(*) FROM NODE")).isEqualTo(2L);

        assertThat(a.runs("DELETE FROM NODE WHERE ID = 1")).isEqualTo(1);

        assertThat(a.reads("SELECT COUNT(*) FROM NODE")).isEqualTo(0L);
    }

    @Test
    void aTransactionMayDeleteTheParentOfItsOwnChild() throws Exception {
        child("ON DELETE CASCADE");
        a.runs("INSERT INTO CHILD VALUES (1, 1)");
        assertThat(a.runs("DELETE FROM PARENT WHERE ID = 1")).isEqualTo(1);
        assertThat(a.reads("SELECT COUNT(*) FROM CHILD")).isEqualTo(0L);
        failsWith(PARENT_MISSING, () -> a.runs("INSERT INTO CHILD VALUES (1, 1)"));
    }

    @Test
    void aParentThatWasRemovedAndPutBackMayStillGoAtARollBackToASavepoint() throws Exception {
        child("");
        a.runs("DELETE FROM PARENT WHERE ID = 1");
        a.runs("SAVEPOINT S");
        a.runs("INSERT INTO PARENT VALUES (1, 'again', 0)");

        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.runs("ROLLBACK TO SAVEPOINT S");
        a.commits();

        failsWith(PARENT_MISSING, insert);
    }

    @Test
    void aRollBackToASavepointLetsTheChildIn() throws Exception {
        child("");
        a.runs("SAVEPOINT S");
        a.runs("DELETE FROM PARENT WHERE ID = 1");
        Future<Integer> insert = b.waitsFor("INSERT INTO CHILD VALUES (1, 1)");
        a.runs("ROLLBACK TO SAVEPOINT S");

        assertThat(finish(insert)).isEqualTo(1);
    }

    @Test
    void crossedInsertsAndDeletesAreADeadlockWithOneVictim() throws Exception {
        child("");
        a.runs("INSERT INTO CHILD VALUES (1, 1)");
        b.runs("INSERT INTO CHILD VALUES (2, 2)");
        Future<Integer> waiting = a.waitsFor("DELETE FROM PARENT WHERE ID = 2");
        assertThatThrownBy(() -> b.runs("DELETE FROM PARENT WHERE ID = 1"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
        assertThat(finish(waiting)).isEqualTo(1);
        a.commits();
        noOrphan();
    }

    @Test
    void theNewParentOfAChildIsKeptToo() throws Exception {
        child("");
        b.runs("INSERT INTO CHILD VALUES (1, 1)");
        b.commits();
        b.runs("UPDATE CHILD SET P = 2");
        Future<Integer> delete = a.waitsFor("DELETE FROM PARENT WHERE ID = 2");
        b.commits();
        failsWith(CHILD_EXISTS, delete);
        assertThat(a.runs("DELETE FROM PARENT WHERE ID = 1")).isEqualTo(1);
    }

    @Test
    void withoutReferentialIntegrityNobodyIsHeldUp() throws Exception {
        child("");
        a.runs("SET REFERENTIAL_INTEGRITY FALSE");
        a.runs("DELETE FROM PARENT WHERE ID = 1");
        assertThat(b.runs("INSERT INTO CHILD VALUES (1, 1)")).isEqualTo(1);
    }

    @Test
    void aForeignKeyThatIsAddedWaitsForThoseWhoDeleteParents() throws Exception {
        a.runs("CREATE TABLE CHILD(ID INT PRIMARY KEY, P INT)");
        a.runs("INSERT INTO CHILD VALUES (1, 1)");
        begin("READ COMMITTED");
        a.runs("DELETE FROM PARENT WHERE ID = 1");

        Future<Integer> alter = b.waitsFor("ALTER TABLE CHILD ADD FOREIGN KEY(P) REFERENCES PARENT");
        a.commits();

        failsWith(PARENT_MISSING, alter);
    }

    @Test
    void aTriggerMayInsertTheParentThatIsMissing() throws Exception {
        child("");
        a.runs("CREATE TRIGGER T AFTER INSERT ON CHILD FOR EACH ROW CALL \"" + MakeParent.class.getName() + "\"");
        assertThat(a.runs("INSERT INTO CHILD VALUES (1, 5)")).isEqualTo(1);
    }

    /** Inserts the parent of a child. */
    public static final class MakeParent implements org.h2.api.Trigger {
        @Override
        public void fire(java.sql.Connection connection, Object[] before, Object[] after) throws SQLException {
            try (java.sql.Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO PARENT VALUES (" + after[1] + ", 'made', 0)");
            }
        }
    }

    @Test
    void theErrorsAreWordedAsH2WordsThem() throws Exception {
        child("");
        assertThatThrownBy(() -> a.runs("INSERT INTO CHILD VALUES (1, 9)"))
                .hasMessageContaining("FOREIGN KEY(P) REFERENCES PUBLIC.PARENT(ID) (9)");
        a.runs("INSERT INTO CHILD VALUES (1, 1)");
        assertThatThrownBy(() -> a.runs("DELETE FROM PARENT WHERE ID = 1"))
                .hasMessageContaining("FOREIGN KEY(P) REFERENCES PUBLIC.PARENT(ID) (1)");
    }
}
