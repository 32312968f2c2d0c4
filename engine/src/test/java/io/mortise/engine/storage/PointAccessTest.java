package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.KognitioPolicy;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.policy.MvccPolicy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One row in place of its table, where a statement gives a unique key of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class PointAccessTest {
    private static final LockPolicy MVCC = new MvccPolicy(30_000);
    private static final LockPolicy KOGNITIO = new KognitioPolicy(30_000, KognitioPolicy.AutocommitSelect.AT_NOW);

    /** What two sessions do in a database of three accounts. */
    private interface Play {
        void run(Scene scene, Scene.Actor a, Scene.Actor b) throws Exception;
    }

    private static void play(LockPolicy policy, int isolation, Play play) throws Exception {
        try (Scene scene = Scene.with(policy)) {
            Scene.Actor a = scene.actor();
            Scene.Actor b = scene.actor();
            a.runs("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, NAME VARCHAR UNIQUE, BALANCE INT)");
            a.runs("CREATE TABLE PLACES(X INT, Y INT, V INT, PRIMARY KEY(X, Y))");
            a.runs("INSERT INTO ACCOUNTS VALUES (1, 'one', 100), (2, 'two', 200), (3, 'three', 300)");
            a.runs("INSERT INTO PLACES VALUES (1, 1, 11), (1, 2, 12)");
            for (Scene.Actor actor : List.of(a, b)) {
                actor.inTransaction();
                actor.connection.setTransactionIsolation(isolation);
            }
            play.run(scene, a, b);
            a.rollsBack();
            b.rollsBack();
            scene.endsEmpty();
        }
    }

    private static List<LockRow> locks(Scene scene, Class<? extends LockTarget> type) {
        return scene.storage().locks().snapshot().rows().stream()
                .filter(lock -> type.isInstance(lock.target()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1",
                "SELECT BALANCE FROM ACCOUNTS WHERE 1 = ID AND BALANCE > 0",
                "SELECT COUNT(*) FROM ACCOUNTS WHERE NAME = 'one'",
                "SELECT MAX(BALANCE) FROM ACCOUNTS A WHERE A.ID = 1 AND A.NAME = 'one'",
                "SELECT V FROM PLACES WHERE Y = 1 AND X = 1"
            })
    void aSerializableReadByKeyLocksItsRowOnly(String read) throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            a.reads(read);

            assertThat(locks(scene, LockTarget.Table.class))
                    .extracting(LockRow::mode)
                    .containsOnly(LockMode.IS);
            assertThat(locks(scene, LockTarget.Row.class))
                    .extracting(LockRow::mode)
                    .containsExactly(LockMode.S);
            b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
            b.runs("INSERT INTO ACCOUNTS VALUES (4, 'four', 0)");
            b.runs("DELETE FROM ACCOUNTS WHERE ID = 3");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = 9",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 OR ID = 9",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID >= 1",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID IN (1, 9)",
                "SELECT V FROM PLACES WHERE X = 1",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = NULL",
                "SELECT A.BALANCE FROM ACCOUNTS A JOIN ACCOUNTS B ON B.ID = A.ID WHERE A.ID = 1",
                "SELECT (SELECT MAX(BALANCE) FROM ACCOUNTS) FROM ACCOUNTS WHERE ID = 1",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 UNION SELECT 5",
                "WITH A AS (SELECT * FROM ACCOUNTS) SELECT BALANCE FROM ACCOUNTS WHERE ID = 1",
                "SELECT BALANCE FROM ACCOUNTS WHERE ID = CAST(RAND() AS INT)",
                "SELECT BALANCE FROM (SELECT * FROM ACCOUNTS) WHERE ID = 1"
            })
    void anyOtherSerializableReadLocksTheTable(String read) throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            a.reads(read);

            assertThat(locks(scene, LockTarget.Table.class))
                    .extracting(LockRow::mode)
                    .contains(LockMode.S);
            assertThat(locks(scene, LockTarget.Row.class)).isEmpty();
        });
    }

    @Test
    void nobodyInsertsWhatWasReadToBeAbsent() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 9")).isNull();

            Future<Integer> insert = b.waitsFor("INSERT INTO ACCOUNTS VALUES (9, 'nine', 0)");
            assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 9")).isNull();
            a.commits();

            assertThat(finish(insert)).isEqualTo(1);
        });
    }

    @Test
    void aReadByKeyWaitsForAnUpdateAndSeesIt() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

            Future<Object> read = a.waitsToRead("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1");
            b.commits();

            assertThat(finish(read)).isEqualTo(1);
        });
    }

    @Test
    void aReadByKeyOfWhatIsBeingDeletedEndsWithTheTable() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            b.runs("DELETE FROM ACCOUNTS WHERE NAME = 'one'");

            Future<Object> read = a.waitsToRead("SELECT BALANCE FROM ACCOUNTS WHERE NAME = 'one'");
            b.commits();

            assertThat(finish(read)).isNull();
            b.waitsFor("INSERT INTO ACCOUNTS VALUES (9, 'one', 0)");
            a.commits();
        });
    }

    @Test
    void aKeyThatMovesToAnotherRowIsFollowed() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            b.runs("UPDATE ACCOUNTS SET NAME = 'x' WHERE NAME = 'one'");
            b.runs("UPDATE ACCOUNTS SET NAME = 'one' WHERE NAME = 'two'");

            Future<Object> read = a.waitsToRead("SELECT BALANCE FROM ACCOUNTS WHERE NAME = 'one'");
            b.commits();

            assertThat(finish(read)).isEqualTo(200);
        });
    }

    @Test
    void writeSkewBetweenTwoRowsReadByKeyCostsOneItsTransaction() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            for (Scene.Actor actor : List.of(a, b)) {
                actor.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1");
                actor.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2");
            }
            Future<Integer> update = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = -100 WHERE ID = 1");

            assertThatThrownBy(() -> b.runs("UPDATE ACCOUNTS SET BALANCE = -100 WHERE ID = 2"))
                    .isInstanceOf(DeadlockException.class);

            assertThat(finish(update)).isEqualTo(1);
        });
    }

    @Test
    void serializableWritesByKeyMeetOnTheirRowOnly() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
            b.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
            b.runs("DELETE FROM ACCOUNTS WHERE ID = 3 AND BALANCE = 0");

            Future<Integer> update = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 2");
            b.commits();

            assertThat(finish(update)).isEqualTo(1);
            assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2")).isEqualTo(3);
        });
    }

    @Test
    void aSerializableWriteByAnAbsentKeyKeepsItAbsent() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            assertThat(a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 9")).isZero();

            b.waitsFor("INSERT INTO ACCOUNTS VALUES (9, 'nine', 0)");
            a.commits();
        });
    }

    @Test
    void aSubqueryOfAWriteByKeyStillLocksWhatItReads() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            a.runs("UPDATE ACCOUNTS SET BALANCE = (SELECT SUM(BALANCE) FROM ACCOUNTS) WHERE ID = 1");

            b.waitsFor("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
            a.commits();
        });
    }

    @Test
    void aPreparedReadLocksTheRowOfItsParameter() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            finish(a.does(() -> {
                try (PreparedStatement read =
                        a.connection.prepareStatement("SELECT BALANCE FROM ACCOUNTS WHERE ID = ?")) {
                    for (int id = 1; id <= 2; id++) {
                        read.setInt(1, id);
                        try (ResultSet result = read.executeQuery()) {
                            assertThat(result.next()).isTrue();
                        }
                    }
                    return 0;
                }
            }));

            assertThat(locks(scene, LockTarget.Row.class)).hasSize(2);
            b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 3");
        });
    }

    @Test
    void forUpdateByKeyKeepsItsWordOnWaiting() throws Exception {
        play(MVCC, Connection.TRANSACTION_SERIALIZABLE, (scene, a, b) -> {
            assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE"))
                    .isEqualTo(100);
            assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2 FOR UPDATE"))
                    .isEqualTo(200);

            assertThatThrownBy(() -> b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE NOWAIT"))
                    .isInstanceOf(LockTimeoutException.class);
        });
    }

    @Test
    void kognitioWritesByKeyLockTheirRow() throws Exception {
        play(KOGNITIO, Connection.TRANSACTION_READ_COMMITTED, (scene, a, b) -> {
            a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
            assertThat(locks(scene, LockTarget.Table.class))
                    .extracting(LockRow::mode)
                    .containsOnly(LockMode.IX);

            assertThat(b.runs("DELETE FROM ACCOUNTS WHERE NAME = 'two'")).isEqualTo(1);
            assertThat(b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 9")).isZero();
            Future<Integer> update = b.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");
            a.commits();

            assertThat(finish(update)).isEqualTo(1);
            assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(2);
        });
    }

    @Test
    void kognitioWritesBySearchingLockTheTable() throws Exception {
        play(KOGNITIO, Connection.TRANSACTION_READ_COMMITTED, (scene, a, b) -> {
            a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE BALANCE = 100");
            assertThat(locks(scene, LockTarget.Table.class))
                    .extracting(LockRow::mode)
                    .containsOnly(LockMode.X);

            b.waitsFor("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2");
            a.commits();
        });
    }

    @Test
    void kognitioForUpdateLocksRowsAndForShareTheTable() throws Exception {
        play(KOGNITIO, Connection.TRANSACTION_READ_COMMITTED, (scene, a, b) -> {
            a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");
            assertThat(locks(scene, LockTarget.Table.class))
                    .extracting(LockRow::mode)
                    .containsOnly(LockMode.IX);
            assertThat(b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2")).isEqualTo(1);

            b.waitsToRead("SELECT BALANCE FROM ACCOUNTS WHERE ID = 3 FOR UPDATE " + StatementMarks.SHARE);
            a.commits();
        });
    }
}
