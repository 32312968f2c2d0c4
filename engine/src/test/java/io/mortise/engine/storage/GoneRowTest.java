package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.policy.MvccPolicy;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A row is deleted for good between the moment in which a statement finds it taken and the moment in which it looks by
 * whom. Nobody waits for anybody then.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class GoneRowTest {
    /** What another does in that moment. */
    private interface Meanwhile {
        void happens() throws Exception;
    }

    private static final String UPDATE = "UPDATE T SET V = V + 1 WHERE ID = 1";

    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));

    @AfterEach
    void close() throws Exception {
        Ambush.lift();
        scene.close();
    }

    private static void lay(Spot spot, Meanwhile action) {
        Ambush.lay(spot, () -> {
            try {
                action.happens();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** What it changes, if the row goes just before it looks who has it, and something happens just after. */
    private Future<Integer> changes(String level, Meanwhile then) throws Exception {
        Scene.Actor a = scene.actor().inTransaction();
        Scene.Actor b = scene.actor().inTransaction();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        a.runs("INSERT INTO T VALUES (1, 0), (2, 0)");
        a.commits();
        b.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
        assertThat(b.reads("SELECT V FROM T WHERE ID = 2")).isEqualTo(0);
        a.runs("DELETE FROM T WHERE ID = 1");
        return b.does(() -> {
            lay(Spot.ROW_TAKEN, () -> {
                a.commits();
                then.happens();
            });
            try (Statement statement = b.connection.createStatement()) {
                return statement.executeUpdate(UPDATE);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void aSnapshotThatShowsItGivesWay(String level) {
        givesWay(level, () -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void soItDoesIfAnotherIsInsertedInItsPlaceMeanwhile(String level) throws Exception {
        Scene.Actor c = scene.actor().inTransaction();
        givesWay(level, () -> lay(Spot.ROW_GONE, () -> c.runs("INSERT INTO T VALUES (1, 5)")));
    }

    private void givesWay(String level, Meanwhile then) {
        assertThatThrownBy(() -> Scene.finish(changes(level, then)))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
        assertThat(Ambush.lift()).isFalse();
    }
}
