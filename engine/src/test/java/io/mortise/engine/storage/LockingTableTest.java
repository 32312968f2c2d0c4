package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.SerializationConflictException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.h2.tools.TriggerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LockingTableTest {
    /** H2's own number for it; JDBC has none. */
    private static final int SNAPSHOT = 6;

    private final Scene scene = Scene.inMemory();
    private Scene.Actor a;
    private Scene.Actor b;

    @BeforeEach
    void twoSessionsAndTwoAccounts() throws Exception {
        a = scene.actor();
        b = scene.actor();
        a.runs("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
        a.runs("INSERT INTO ACCOUNTS VALUES (1, 100), (2, 200)");
        a.inTransaction();
        b.inTransaction();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        a.rollsBack();
        b.rollsBack();
        scene.endsEmpty();
        scene.close();
    }

    @Test
    void anUpdateWaitsForTheRowAndSeesWhatWasCommitted() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1");

        Future<Integer> waiting = b.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(111);
    }

    @Test
    void anotherRowIsNotWaitedFor() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        assertThat(b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2")).isEqualTo(1);
    }

    @Test
    void aReaderNeverWaits() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(100);
    }

    @Test
    void aRowThatWasDeletedMeanwhileIsNotUpdated() throws Exception {
        a.runs("DELETE FROM ACCOUNTS WHERE ID = 1");

        Future<Integer> waiting = b.waitsFor("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        a.commits();

        assertThat(finish(waiting)).isZero();
    }

    @Test
    void theTimeoutNamesTheHolderAndLeavesTheTransaction() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
        b.runs("SET LOCK_TIMEOUT 0");

        LockTimeoutException refusal = catchThrowableOfType(
                LockTimeoutException.class, () -> b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1"));

        assertThat(refusal.getSQLState()).isEqualTo("HYT00");
        assertThat(refusal.getErrorCode()).isEqualTo(50200);
        assertThat(refusal.report().target()).isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
        assertThat(refusal.report().blockers()).singleElement().satisfies(holder -> {
            assertThat(holder.session()).isEqualTo(a.session.id());
            assertThat(holder.sql()).isEqualTo("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        });
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2")).isEqualTo(0);
    }

    @Test
    void aRowLockKnowsTheStatementThatTookTheRow() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        a.reads("SELECT 'between'");
        a.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
        a.reads("SELECT 'after'");
        b.runs("SET LOCK_TIMEOUT 0");

        for (int id = 1; id <= 2; id++) {
            String update = "UPDATE ACCOUNTS SET BALANCE = " + id + " WHERE ID = " + id;
            LockTimeoutException refusal = catchThrowableOfType(LockTimeoutException.class, () -> b.runs(update));
            assertThat(refusal.report().blockers()).singleElement().satisfies(holder -> {
                assertThat(holder.lockedBy()).isEqualTo(update);
                assertThat(holder.sql()).isEqualTo("SELECT 'after'");
            });
            assertThat((Throwable) refusal).hasMessageContaining("taken by " + update);
        }
        assertThat(rowsAndTheirStatements())
                .containsExactly(
                        "UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2", "UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
    }

    @Test
    void aRowThatIsChangedAgainIsStillTheFirstStatements() throws Exception {
        String first = "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1 FOR UPDATE";
        a.reads(first);
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        a.runs("DELETE FROM ACCOUNTS WHERE ID = 1");
        b.runs("SET LOCK_TIMEOUT 0");

        LockTimeoutException refusal =
                catchThrowableOfType(LockTimeoutException.class, () -> b.runs("DELETE FROM ACCOUNTS WHERE ID = 1"));
        assertThat(refusal.report().blockers().get(0).lockedBy()).isEqualTo(first);
        assertThat(rowsAndTheirStatements()).containsExactly(first);
    }

    @Test
    void aRowTakenAgainAfterARollBackToASavepointIsOfTheLaterStatement() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        a.runs("SAVEPOINT S");
        a.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
        a.runs("ROLLBACK TO SAVEPOINT S");
        a.runs("DELETE FROM ACCOUNTS WHERE ID = 2");

        assertThat(rowsAndTheirStatements())
                .containsExactly("DELETE FROM ACCOUNTS WHERE ID = 2", "UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
    }

    @Test
    void aStatementAfterADefinitionThatCommitsIsNotTakenForOneBeforeIt() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1");
        a.runs("CREATE TABLE OTHER(ID INT PRIMARY KEY)");
        a.runs("DELETE FROM ACCOUNTS WHERE ID = 2");

        assertThat(rowsAndTheirStatements()).containsExactly("DELETE FROM ACCOUNTS WHERE ID = 2");
    }

    @Test
    void rowsOfStatementsInsideAnotherAreTheirs() throws Exception {
        a.runs("CREATE TABLE LOG(ID INT PRIMARY KEY)");
        a.runs("CREATE TRIGGER LOGS AFTER UPDATE ON ACCOUNTS FOR EACH ROW CALL '" + Logs.class.getName() + "'");
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1");

        assertThat(rowsAndTheirStatements())
                .containsExactlyInAnyOrder(
                        "UPDATE ACCOUNTS SET BALANCE = 1",
                        "INSERT INTO LOG VALUES (1)",
                        "UPDATE ACCOUNTS SET BALANCE = 1",
                        "INSERT INTO LOG VALUES (2)");
    }

    /** A trigger that writes the key of each row to another table. */
    public static final class Logs extends TriggerAdapter {
        @Override
        public void fire(Connection connection, ResultSet before, ResultSet after) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO LOG VALUES (" + after.getInt(1) + ")");
            }
        }
    }

    @Test
    void aDuplicateKeyKnowsTheInsertThatIsInItsWay() throws Exception {
        String insert = "INSERT INTO ACCOUNTS VALUES (3, 0)";
        a.runs(insert);
        a.runs("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 2");
        b.runs("SET LOCK_TIMEOUT 0");

        LockTimeoutException refusal = catchThrowableOfType(LockTimeoutException.class, () -> b.runs(insert));
        assertThat(refusal.report().blockers().get(0).lockedBy()).isEqualTo(insert);
    }

    private Stream<String> rowsAndTheirStatements() {
        return scene.storage().rowLocks().map(lock -> lock.statement().sql());
    }

    @Test
    void twoRowsTakenInOppositeOrderCostOneVictimItsTransaction() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1");
        b.runs("UPDATE ACCOUNTS SET BALANCE = BALANCE + 20 WHERE ID = 2");
        Future<Integer> waiting = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2");

        assertThatThrownBy(() -> b.runs("UPDATE ACCOUNTS SET BALANCE = BALANCE + 20 WHERE ID = 1"))
                .isInstanceOf(DeadlockException.class)
                .hasMessageContaining("Deadlock detected: dependency cycle of sessions");

        assertThat(finish(waiting)).isEqualTo(1);
        a.commits();
        assertThat(b.reads("SELECT SUM(BALANCE) FROM ACCOUNTS")).isEqualTo(320L);
        assertThat(scene.deadlocks).hasSize(1);
    }

    @Test
    void theVictimOfSelectForUpdateIsRolledBackToo() throws Exception {
        a.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");
        b.reads("SELECT * FROM ACCOUNTS WHERE ID = 2 FOR UPDATE");
        Future<Integer> waiting = a.waitsFor("SELECT * FROM ACCOUNTS WHERE ID = 2 FOR UPDATE");

        assertThatThrownBy(() -> b.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE"))
                .isInstanceOf(DeadlockException.class);

        finish(waiting);
    }

    @Test
    void aLockedRowIsSkippedOrRefusedAtOnce() throws Exception {
        a.reads("SELECT * FROM ACCOUNTS WHERE ID = 1 FOR UPDATE");

        assertThat(b.reads("SELECT ID FROM ACCOUNTS ORDER BY ID FOR UPDATE SKIP LOCKED"))
                .isEqualTo(2);
        assertThatThrownBy(() -> b.reads("SELECT ID FROM ACCOUNTS FOR UPDATE NOWAIT"))
                .isInstanceOf(LockTimeoutException.class);
    }

    @Test
    void aDuplicateKeyWaitsForTheFirstInsertToEnd() throws Exception {
        a.runs("INSERT INTO ACCOUNTS VALUES (3, 0)");

        Future<Integer> waiting = b.waitsFor("INSERT INTO ACCOUNTS VALUES (3, 1)");
        a.rollsBack();

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 3")).isEqualTo(1);
    }

    @Test
    void aDuplicateKeyFailsOnceTheFirstInsertIsCommitted() throws Exception {
        a.runs("INSERT INTO ACCOUNTS VALUES (3, 0)");

        Future<Integer> waiting = b.waitsFor("INSERT INTO ACCOUNTS VALUES (3, 1)");
        a.commits();

        assertThatThrownBy(() -> finish(waiting))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(23505));
    }

    @Test
    void aWaitForAUniqueKeyShowsItsValues() throws Exception {
        a.commits();
        a.runs("CREATE TABLE PEOPLE(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE)");
        a.runs("INSERT INTO PEOPLE VALUES (1, 'x')");
        b.runs("SET LOCK_TIMEOUT 0");

        assertThatThrownBy(() -> b.runs("INSERT INTO PEOPLE VALUES (2, 'x')"))
                .isInstanceOf(LockTimeoutException.class)
                .hasMessageContaining("PUBLIC.PEOPLE(NAME='x')");
    }

    @Test
    void aKeyThatIsUpdatedIntoAnothersInsertWaits() throws Exception {
        b.runs("INSERT INTO ACCOUNTS VALUES (9, 0)");
        assertThatThrownBy(() -> b.runs("INSERT INTO ACCOUNTS VALUES (9, 0)")).isInstanceOf(SQLException.class);

        Future<Integer> waiting = a.waitsFor("UPDATE ACCOUNTS SET ID = 9 WHERE ID = 1");
        b.rollsBack();

        assertThat(finish(waiting)).isEqualTo(1);
    }

    @Test
    void aDefinitionWaitsForWritersAndLaterWritersForIt() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        Future<Integer> alter = b.waitsFor("ALTER TABLE ACCOUNTS ADD COLUMN NAME VARCHAR");
        Scene.Actor c = scene.actor();
        Future<Integer> later = c.waitsFor("UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 2");
        a.commits();

        finish(alter);
        assertThat(finish(later)).isEqualTo(1);
        assertThat(a.reads("SELECT NAME FROM ACCOUNTS WHERE BALANCE = 7")).isNull();
        assertThat(a.reads("SELECT COUNT(*) FROM ACCOUNTS WHERE BALANCE = 7")).isEqualTo(1L);
    }

    @Test
    void aRowThatChangedSinceTheSnapshotIsASerializationConflict() throws Exception {
        b.connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        assertThat(b.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).isEqualTo(100);
        a.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        Future<Integer> waiting = b.waitsFor("UPDATE ACCOUNTS SET BALANCE = 2 WHERE ID = 1");
        a.commits();

        assertThatThrownBy(() -> finish(waiting)).isInstanceOfSatisfying(SerializationConflictException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("40001");
            assertThat(e.getErrorCode()).isEqualTo(90131);
            assertThat(e.changedBy()).isEqualTo(a.session.id());
            assertThat(e.target()).isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
            assertThat(e.changedByTransaction()).isPositive();
            assertThat((Throwable) e)
                    .hasMessageContaining("row changed by session " + a.session.id() + " transaction "
                            + e.changedByTransaction() + " since your snapshot: PUBLIC.ACCOUNTS(ID=1)");
        });
    }

    @Test
    void serializableAllowsNoWriteSkew() throws Exception {
        for (Scene.Actor actor : new Scene.Actor[] {a, b}) {
            actor.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            assertThat(actor.reads("SELECT SUM(BALANCE) FROM ACCOUNTS")).isEqualTo(300L);
        }
        Future<Integer> waiting = a.waitsFor("UPDATE ACCOUNTS SET BALANCE = -100 WHERE ID = 1");

        assertThatThrownBy(() -> b.runs("UPDATE ACCOUNTS SET BALANCE = -100 WHERE ID = 2"))
                .isInstanceOf(DeadlockException.class);

        assertThat(finish(waiting)).isEqualTo(1);
        assertThat(a.connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
    }

    @Test
    void aResultThatH2HasKeptIsLockedLikeAnyOther() throws Exception {
        a.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        String same = "SELECT SUM(BALANCE) FROM ACCOUNTS";
        for (int again = 0; again < 3; again++) {
            assertThat(a.reads(same)).isEqualTo(300L);
            assertThat(scene.storage().locks().snapshot().rows())
                    .as("locks of the same query, time " + again)
                    .isNotEmpty();
            a.commits();
        }
    }

    @Test
    void aMergeOfARowThatTheSnapshotDoesNotShowIsAConflict() throws Exception {
        b.connection.setTransactionIsolation(SNAPSHOT);
        b.reads("SELECT SUM(BALANCE) FROM ACCOUNTS");
        a.runs("INSERT INTO ACCOUNTS VALUES (3, 0)");
        a.commits();

        assertThatThrownBy(() -> b.runs("MERGE INTO ACCOUNTS KEY(ID) VALUES (3, 1)"))
                .isInstanceOf(SerializationConflictException.class)
                .hasMessageContaining("PUBLIC.ACCOUNTS(ID=3)");
        assertThat(b.runs("MERGE INTO ACCOUNTS KEY(ID) VALUES (3, 1)")).isEqualTo(1);
    }
}
