package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.KognitioPolicy;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StoreReflection;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.command.Command;
import org.h2.mvstore.tx.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A roll-back to a savepoint frees rows in storage; what has been read of them must stay as it was all the same. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReadsBackTest {
    private static final String TABLE = "CREATE TABLE T(ID INT PRIMARY KEY, V INT)";

    @Test
    void h2KnowsTheSavepointAndItsPlaceInTheLogWhenTheRollBackBegins() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = scene.actor().inTransaction();
            a.runs(TABLE);
            a.runs("INSERT INTO T VALUES (1, 1)");
            Transaction transaction = Objects.requireNonNull(H2Reflection.transaction(a.session.h2()));
            long place = transaction.setSavepoint();
            a.runs("SAVEPOINT HERE");
            a.runs("INSERT INTO T VALUES (2, 2)");

            assertThat(placeOf(a, "ROLLBACK TO SAVEPOINT HERE")).hasValue(place);
            assertThat(placeOf(a, "ROLLBACK TO SAVEPOINT NOWHERE")).isEmpty();
            assertThatThrownBy(() -> a.runs("ROLLBACK TO SAVEPOINT NOWHERE")).isInstanceOf(SQLException.class);
        }
    }

    private static OptionalLong placeOf(Scene.Actor actor, String rollback) {
        Command command = actor.session.h2().prepareLocal(rollback);
        return StoreReflection.savepoint(actor.session.h2(), H2Reflection.prepared(command));
    }

    @Test
    void rowsReadByKeyAndTakenBackStaySharedAndThoseThatWereInsertedDoNot() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = scene.actor().inTransaction();
            a.runs(TABLE);
            a.runs("INSERT INTO T VALUES (1, 1), (2, 2)");
            a.commits();
            a.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            a.reads("SELECT V FROM T WHERE ID = 2 FOR UPDATE");
            Savepoint before = a.connection.setSavepoint();
            a.reads("SELECT V FROM T WHERE ID = 1 FOR UPDATE");
            a.runs("UPDATE T SET V = 10 WHERE ID = 1");
            a.runs("INSERT INTO T VALUES (3, 3)");
            a.rollsBackTo(before);

            assertThat(shared(scene)).containsExactly(1L);
            a.commits();
            scene.endsEmpty();
        }
    }

    @Test
    void whoeverWaitsForWhatIsTakenBackGoesOnWaitingIfItWasRead() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = scene.actor().inTransaction();
            Scene.Actor b = scene.actor().inTransaction();
            Scene.Actor c = scene.actor().inTransaction();
            a.runs(TABLE);
            a.runs("INSERT INTO T VALUES (1, 1)");
            a.commits();
            a.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            Savepoint before = a.connection.setSavepoint();
            a.reads("SELECT V FROM T WHERE ID = 1 FOR UPDATE");
            Future<Integer> change = b.waitsFor("UPDATE T SET V = 2 WHERE ID = 1");
            Future<Object> share = c.waitsToRead("SELECT V FROM T WHERE ID = 1 FOR UPDATE " + StatementMarks.SHARE);
            a.rollsBackTo(before);

            assertThat(change.isDone()).isFalse();
            assertThat(a.reads("SELECT V FROM T WHERE ID = 1")).isEqualTo(1);
            a.commits();
            assertThat(finish(change)).isEqualTo(1);
            b.commits();
            assertThat(finish(share)).isEqualTo(2);
            c.commits();
            scene.endsEmpty();
        }
    }

    @Test
    void underKognitioItIsSoAtEveryLevel() throws Exception {
        try (Scene scene = Scene.with(new KognitioPolicy(30_000, KognitioPolicy.AutocommitSelect.AT_NOW))) {
            Scene.Actor a = scene.actor().inTransaction();
            Scene.Actor b = scene.actor().inTransaction();
            a.runs(TABLE);
            a.runs("INSERT INTO T VALUES (1, 1)");
            a.commits();
            Savepoint before = a.connection.setSavepoint();
            a.reads("SELECT V FROM T WHERE ID = 1 FOR UPDATE");
            a.rollsBackTo(before);

            Future<Integer> change = b.waitsFor("UPDATE T SET V = 2 WHERE ID = 1");
            a.commits();
            assertThat(finish(change)).isEqualTo(1);
            b.commits();
            scene.endsEmpty();
        }
    }

    @Test
    void readersOfASnapshotGiveTheRowBack() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor a = scene.actor().inTransaction();
            Scene.Actor b = scene.actor().inTransaction();
            a.runs(TABLE);
            a.runs("INSERT INTO T VALUES (1, 1)");
            a.commits();
            Savepoint before = a.connection.setSavepoint();
            a.reads("SELECT V FROM T WHERE ID = 1 FOR UPDATE");
            a.rollsBackTo(before);

            assertThat(b.runs("UPDATE T SET V = 2 WHERE ID = 1")).isEqualTo(1);
        }
    }

    private static List<Long> shared(Scene scene) {
        return scene.storage().locks().snapshot().rows().stream()
                .filter(lock -> lock.mode() == LockMode.S)
                .map(LockRow::target)
                .filter(LockTarget.Row.class::isInstance)
                .map(row -> ((LockTarget.Row) row).key())
                .toList();
    }
}
