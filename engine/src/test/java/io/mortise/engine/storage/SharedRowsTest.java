package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import java.sql.Connection;
import java.sql.Savepoint;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SELECT … FOR SHARE under the mvcc policy, in the words in which storage gets it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SharedRowsTest {
    private static final String FOR_SHARE = " FOR UPDATE " + StatementMarks.SHARE;
    private static final String SHARE_ONE = "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1" + FOR_SHARE;

    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;
    private Scene.Actor c;

    @BeforeEach
    void threeSessionsAndTwoAccounts() throws Exception {
        a = scene.actor();
        b = scene.actor();
        c = scene.actor();
        a.runs("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
        a.runs("INSERT INTO ACCOUNTS VALUES (1, 100), (2, 200)");
        a.inTransaction();
        b.inTransaction();
        c.inTransaction();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        a.rollsBack();
        b.rollsBack();
        c.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @Test
    void twoWhoShareDoNotMeet() throws Exception {
        assertThat(a.reads(SHARE_ONE)).isEqualTo(100);
        assertThat(b.reads(SHARE_ONE)).isEqualTo(100);

        assertThat(rowLocks()).hasSize(2).allSatisfy(lock -> {
            assertThat(lock.mode()).isEqualTo(LockMode.S);
            assertThat(lock.granted()).isTrue();
            assertThat(lock.implicit()).isFalse();
        });
    }

    @Test
    void anUpdateWaitsForAllWhoShare() throws Exception {
        a.reads(SHARE_ONE);
        b.reads(SHARE_ONE);

        Future<Integer> update = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        a.commits();
        assertThat(update.isDone()).isFalse();
        b.commits();

        assertThat(finish(update)).isEqualTo(1);
    }

    @Test
    void aDeleteWaitsForWhoSharesAndSoDoesForUpdate() throws Exception {
        a.reads(SHARE_ONE);

        Future<Integer> delete = b.waitsFor("DELETE FROM ACCOUNTS WHERE ID = 1");
        Future<Integer> forUpdate = c.waitsFor("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");
        a.commits();
        assertThat(finish(delete)).isEqualTo(1);
        b.commits();

        finish(forUpdate);
    }

    @Test
    void whoSharesWaitsForAnUpdateAndSeesIt() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

        Future<Object> shared = b.waitsToRead(SHARE_ONE);
        a.commits();

        assertThat(finish(shared)).isEqualTo(1);
        assertThat(rowLocks())
                .singleElement()
                .satisfies(lock -> assertThat(lock.mode()).isEqualTo(LockMode.S));
    }

    @Test
    void aRowThatIsDeletedMeanwhileIsNotShared() throws Exception {
        a.runs("DELETE FROM ACCOUNTS WHERE ID = 1");

        Future<Object> shared = b.waitsToRead(SHARE_ONE);
        a.commits();

        assertThat(finish(shared)).isNull();
        assertThat(rowLocks()).isEmpty();
    }

    @Test
    void anotherRowIsFree() throws Exception {
        a.reads(SHARE_ONE);

        assertThat(b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2")).isEqualTo(1);
        assertThat(c.runs("INSERT INTO ACCOUNTS VALUES (3, 0)")).isEqualTo(1);
    }

    @Test
    void aSharedRowIsChangedByItsOnlyHolder() throws Exception {
        a.reads(SHARE_ONE);

        assertThat(a.runs("UPDATE ACCOUNTS SET BALANCE = 5 WHERE ID = 1")).isEqualTo(1);
        Future<Object> shared = b.waitsToRead(SHARE_ONE);
        a.commits();

        assertThat(finish(shared)).isEqualTo(5);
    }

    @Test
    void whoChangesWhatItSharesGoesBeforeThoseWhoOnlyWait() throws Exception {
        a.reads(SHARE_ONE);
        Future<Integer> newcomer = b.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");

        assertThat(a.runs("UPDATE ACCOUNTS SET BALANCE = 50 WHERE ID = 1")).isEqualTo(1);
        a.commits();

        assertThat(finish(newcomer)).isEqualTo(1);
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(51);
    }

    @Test
    void oneOfTwoWhoShareAndBothWantToChangeGivesWay() throws Exception {
        a.reads(SHARE_ONE);
        b.reads(SHARE_ONE);
        Future<Integer> update = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

        assertThatThrownBy(() -> b.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1"))
                .isInstanceOf(DeadlockException.class);

        assertThat(finish(update)).isEqualTo(1);
        assertThat(scene.deadlocks).hasSize(1);
    }

    @Test
    void noWaitIsRefusedAtOnceAndLeavesTheTransaction() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

        assertThatThrownBy(() ->
                        b.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE " + StatementMarks.SHARE + " NOWAIT"))
                .isInstanceOf(LockTimeoutException.class)
                .hasMessageContaining("requested SH ROW");
        assertThatThrownBy(() -> b.reads(
                        "SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE " + StatementMarks.SHARE + " WAIT 0.05"))
                .isInstanceOf(LockTimeoutException.class)
                .hasMessageContaining("(lock_timeout=50)");

        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2" + FOR_SHARE))
                .isEqualTo(200);
    }

    @Test
    void aRowThatIsBeingChangedIsSkipped() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        b.reads("SELECT * FROM ACCOUNTS WHERE ID = 2" + FOR_SHARE);

        assertThat(c.reads("SELECT ID FROM ACCOUNTS ORDER BY ID FOR UPDATE " + StatementMarks.SHARE + " SKIP LOCKED"))
                .isEqualTo(2);
    }

    @Test
    void askingWithoutWaitingCostsNobodyItsTransaction() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        b.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
        Future<Integer> waiting = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2");

        assertThatThrownBy(() -> b.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE NOWAIT"))
                .isInstanceOf(LockTimeoutException.class);
        assertThat(b.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE " + StatementMarks.SHARE + " SKIP LOCKED"))
                .isNull();
        b.commits();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(scene.deadlocks).isEmpty();
    }

    @Test
    void aRollBackToASavepointLeavesTheRowShared() throws Exception {
        a.reads(SHARE_ONE);
        Savepoint before = a.connection.setSavepoint();
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        Future<Object> shared = b.waitsToRead(SHARE_ONE);
        Future<Integer> update = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");

        a.rollsBackTo(before);

        assertThat(finish(shared)).isEqualTo(100);
        b.commits();
        assertThat(update.isDone()).isFalse();
        a.commits();
        assertThat(finish(update)).isEqualTo(1);
    }

    /** The row was waited for, so the lock table knew it as storage's; the roll-back gives it back without a word. */
    @Test
    void aRowThatARollBackHasFreedIsSharedAnew() throws Exception {
        b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        Savepoint before = a.connection.setSavepoint();
        Future<Integer> update = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1");
        b.commits();
        finish(update);
        a.rollsBackTo(before);

        assertThat(a.reads(SHARE_ONE)).isEqualTo(1);
        Future<Integer> change = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(change)).isEqualTo(1);
    }

    @Test
    void aSerializableReadAfterARollBackKeepsWhatItReads() throws Exception {
        a.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        Savepoint before = a.connection.setSavepoint();
        Future<Object> update = a.waitsToRead("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");
        b.commits();
        finish(update);
        a.rollsBackTo(before);

        assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(1);
        Future<Integer> change = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");
        assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(1);
        a.commits();

        assertThat(finish(change)).isEqualTo(1);
    }

    @Test
    void whatASerializableTransactionHasReadStaysThoughASavepointTakesItsLockBack() throws Exception {
        a.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        Savepoint before = a.connection.setSavepoint();
        assertThat(a.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE"))
                .isEqualTo(100);
        a.rollsBackTo(before);

        Future<Integer> change = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(change)).isEqualTo(1);
    }

    @Test
    void aSharedRowThatChangedSinceTheSnapshotIsAConflict() throws Exception {
        b.connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2")).isEqualTo(200);
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        Future<Object> shared = b.waitsToRead(SHARE_ONE);
        a.commits();

        assertThatThrownBy(() -> finish(shared))
                .isInstanceOfSatisfying(
                        SerializationConflictException.class,
                        e -> assertThat(e.changedBy()).isEqualTo(a.session.id()));
    }

    @Test
    void aTextThatSaysForUpdateTooLocksExclusively() throws Exception {
        a.reads("SELECT BALANCE, 'for update' FROM ACCOUNTS WHERE ID = 1" + FOR_SHARE);

        b.waitsToRead(SHARE_ONE);
        a.commits();
    }

    private List<LockRow> rowLocks() {
        return scene.storage().locks().snapshot().rows().stream()
                .filter(lock -> lock.target() instanceof LockTarget.Row)
                .toList();
    }
}
