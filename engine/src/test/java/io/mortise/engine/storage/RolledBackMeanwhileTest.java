package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A transaction takes a row's key away, gives it back behind a savepoint, and rolls back to that savepoint while
 * another, which relies on the key, is in the middle of looking at the row.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RolledBackMeanwhileTest {
    private static final String SHARE = "SELECT CODE FROM P WHERE ID = 1 FOR UPDATE " + StatementMarks.KEY_SHARE;

    @AfterEach
    void lift() {
        Ambush.lift();
    }

    @Test
    void whoSharesTheKeyWaitsForTheChangeThatIsUncoveredAgain() throws Exception {
        theSharerWaits((changer, gone) -> changer.rollsBackTo(gone));
    }

    /** The log's place that was looked for has been filled again, by a write to another row. */
    @Test
    void whatIsReadOfTheLogOfAnotherRowDoesNotCount() throws Exception {
        theSharerWaits((changer, gone) -> {
            changer.rollsBackTo(gone);
            changer.runs("UPDATE OTHER SET V = V + 1");
        });
    }

    private static void theSharerWaits(Meanwhile meanwhile) throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor changer = tables(scene);
            Savepoint gone = takesAway(changer, "UPDATE P SET CODE = 8", "UPDATE P SET CODE = 7");
            Scene.Actor sharer = scene.actor().inTransaction();

            Future<Object> shared = sharer.does(() -> {
                Ambush.lay(Spot.ROW_SEEN, () -> does(() -> meanwhile.happens(changer, gone)));
                return shares(sharer);
            });
            sharer.isSeenToWait(SHARE);
            changer.commits();

            assertThat(finish(shared)).isEqualTo(8);
            sharer.commits();
            scene.endsEmpty();
        }
    }

    /** What the one who has changed the key does while the other looks. */
    @FunctionalInterface
    private interface Meanwhile {
        void happens(Scene.Actor changer, Savepoint gone) throws Exception;
    }

    /**
     * Its slot has the next transaction by then, which has removed nothing. The key is not the number of the row, so
     * the row is looked for before the key is shared.
     */
    @Test
    void aChildHasNoParentThatItsRemoverHasUncoveredAgain() throws Exception {
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor remover = tables(scene);
            remover.runs("CREATE TABLE D(P INT REFERENCES P(CODE))");
            remover.commits();
            Scene.Actor child = scene.actor().inTransaction();

            Future<Integer> inserted = child.does(() -> {
                Savepoint[] gone = new Savepoint[1];
                lay(List.of(
                        () -> {},
                        () -> gone[0] = takesAway(remover, "DELETE FROM P", "INSERT INTO P VALUES (1, 7)"),
                        () -> {
                            remover.rollsBackTo(gone[0]);
                            remover.commits();
                            remover.runs("UPDATE OTHER SET V = V + 1");
                        }));
                try (Statement statement = child.connection.createStatement()) {
                    return statement.executeUpdate("INSERT INTO D VALUES (7)");
                }
            });

            assertThatThrownBy(() -> finish(inserted))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23506"));
            assertThat(Ambush.lift()).as("a step was not come to").isFalse();
            child.rollsBack();
            remover.commits();
            assertThat(remover.reads("SELECT COUNT(*) FROM P")).isEqualTo(0L);
            assertThat(remover.reads("SELECT COUNT(*) FROM D")).isEqualTo(0L);
            remover.commits();
            scene.endsEmpty();
        }
    }

    /** Does one of them at each passing of the place. */
    private static void lay(List<Step> steps) {
        if (!steps.isEmpty()) {
            Ambush.lay(Spot.ROW_SEEN, () -> {
                does(steps.get(0));
                lay(steps.subList(1, steps.size()));
            });
        }
    }

    private static Savepoint takesAway(Scene.Actor actor, String away, String back) throws Exception {
        actor.runs(away);
        Savepoint gone = finish(actor.does(actor.connection::setSavepoint));
        actor.runs(back);
        return gone;
    }

    private static Object shares(Scene.Actor sharer) throws SQLException {
        try (Statement statement = sharer.connection.createStatement();
                ResultSet rows = statement.executeQuery(SHARE)) {
            assertThat(rows.next()).isTrue();
            return rows.getObject(1);
        }
    }

    private static Scene.Actor tables(Scene scene) throws Exception {
        Scene.Actor actor = scene.actor();
        actor.runs("CREATE TABLE P(ID INT PRIMARY KEY, CODE INT UNIQUE)");
        actor.runs("CREATE TABLE C(P INT REFERENCES P(ID))");
        actor.runs("CREATE TABLE OTHER(V INT)");
        actor.runs("INSERT INTO P VALUES (1, 7)");
        actor.runs("INSERT INTO OTHER VALUES 0, 0, 0, 0, 0, 0");
        return actor.inTransaction();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }

    private static void does(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
