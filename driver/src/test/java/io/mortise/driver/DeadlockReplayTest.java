package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.DeadlockScript;
import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.PreparedStatement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A deadlock of prepared statements, which is what an object-relational mapper makes, becomes a test. */
@Interleaved
@Timeout(60)
final class DeadlockReplayTest {
    private static final String SQL = "UPDATE T SET A = ?, B = ? WHERE ID = ?";

    private static TestSession.Work update(int a, String b, int id) {
        return connection -> {
            try (PreparedStatement statement = connection.prepareStatement(SQL)) {
                statement.setInt(1, a);
                statement.setString(2, b);
                statement.setInt(3, id);
                statement.executeUpdate();
            }
        };
    }

    private static DeadlockScript scriptOfADeadlock(Interleaving db, String... settings) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT, B VARCHAR)", "INSERT INTO T VALUES (1, 0, ''), (2, 0, '')");
        TestSession x = db.session("x", settings);
        TestSession y = db.session("y", settings);
        x.step(SQL, update(1, "it's, 3: {1: ?}", 1)).expectFinished();
        y.step(SQL, update(2, "\u00e4 -- waits for", 2)).expectFinished();
        Step waits = x.step(SQL, update(3, "", 2)).expectBlockedBy("y");
        y.step(SQL, update(4, "", 1)).expectError("40001");
        waits.expectFinished();
        x.rollback().expectFinished();
        return DeadlockScript.parse(
                db.query("SELECT DISTINCT SCRIPT FROM SYS.DEADLOCKS").get(0));
    }

    @Test
    void withItsValuesItIsPlayedAgainAsItStands(Interleaving db) {
        DeadlockScript script = scriptOfADeadlock(db, "BIND_VALUES=TRUE");

        assertThat(script.replay(db).session().name()).isEqualTo("b");

        assertThat(db.query("SELECT COUNT(DISTINCT DEADLOCK_ID) FROM SYS.DEADLOCKS"))
                .containsExactly("2");
    }

    @Test
    void withoutThemItSaysWhichItNeeds(Interleaving db) {
        DeadlockScript script = scriptOfADeadlock(db);

        assertThatThrownBy(() -> script.replay(db))
                .hasMessageContaining(".with(1, A INTEGER, B CHARACTER VARYING, ID INTEGER)   // a: " + SQL)
                .hasMessageContaining(".with(4, ")
                .hasMessageContaining("BIND_VALUES=TRUE");
    }

    @Test
    void aTestGivesThem(Interleaving db) {
        DeadlockScript script = scriptOfADeadlock(db)
                .with(1, 1, "?", 1)
                .with(2, 2, null, 2)
                .with(3, 3, "", 2)
                .with(4, 4, "", 1);

        assertThat(script.replay(db).session().name()).isEqualTo("b");
    }
}
