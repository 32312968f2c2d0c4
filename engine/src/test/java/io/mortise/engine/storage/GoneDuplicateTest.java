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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Storage refuses a duplicate that a serializable transaction's snapshot does not show. Before that is looked at, the
 * duplicate has gone. Then it was never there for that transaction.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class GoneDuplicateTest {
    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor a;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor b;

    @BeforeEach
    void begin() throws Exception {
        a = scene.actor();
        b = scene.actor().inTransaction();
        a.runs("CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, V INT)");
        a.runs("INSERT INTO T VALUES (1, 'one', 0), (2, 'two', 0)");
        b.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE");
        assertThat(b.reads("SELECT V FROM T WHERE ID = 2")).isEqualTo(0);
    }

    @AfterEach
    void close() throws Exception {
        Ambush.lift();
        b.rollsBack();
        scene.close();
    }

    private Future<Integer> runs(String sql) {
        return b.does(() -> {
            Ambush.lay(Spot.DUPLICATE_MET, () -> {
                try {
                    a.runs("DELETE FROM T WHERE ID = 9");
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            try (Statement statement = b.connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        });
    }

    private static void fails(Future<Integer> statement, String state) {
        assertThatThrownBy(() -> Scene.finish(statement))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state));
        assertThat(Ambush.lift()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T VALUES (9, 'other', 0)",
                "INSERT INTO T VALUES (8, 'nine', 0)",
                "INSERT INTO T SELECT 9, 'other', 0 WHERE NOT EXISTS (SELECT 1 FROM T WHERE ID = 9)",
                "UPDATE T SET ID = 9 WHERE ID = 1",
                "UPDATE T SET ID = CASE ID WHEN 1 THEN 9 ELSE 7 END WHERE ID <= 2",
                "UPDATE T SET ID = CASE ID WHEN 2 THEN 9 ELSE 7 END WHERE ID <= 2",
                "UPDATE T SET ID = ID + 7, NAME = NAME || ID WHERE ID <= 2",
                "UPDATE T SET NAME = 'nine' WHERE ID = 1",
                "UPDATE T SET NAME = CASE ID WHEN 1 THEN 'nine' ELSE 'x' END WHERE ID <= 2",
                "UPDATE T SET NAME = CASE ID WHEN 2 THEN 'nine' ELSE 'x' END WHERE ID <= 2"
            })
    void itWasNeverThere(String sql) throws Exception {
        a.runs("INSERT INTO T VALUES (9, 'nine', 0)");

        fails(runs(sql), "40001");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T VALUES (2, 'other', 0)",
                "INSERT INTO T VALUES (7, 'seven', 0), (7, 'other', 0)",
                "UPDATE T SET ID = 5",
                "UPDATE T SET ID = CASE ID WHEN 1 THEN 4 ELSE 3 END WHERE ID <= 2",
                "UPDATE T SET ID = CASE ID WHEN 1 THEN 3 ELSE 4 END WHERE ID <= 2",
                "UPDATE T SET ID = CASE ID WHEN 1 THEN 3 ELSE 4 END, NAME = 'own', V = 0 WHERE ID <= 1",
                "UPDATE T SET NAME = 'same'"
            })
    void oneThatIsThereIsSaid(String sql) throws Exception {
        b.runs("INSERT INTO T VALUES (3, 'own', 0)");

        fails(runs(sql), "23505");
    }

    @Test
    void nobodyMeetsWhatIsOnlyMoved() throws Exception {
        b.runs("UPDATE T SET ID = ID + 1");

        assertThat(b.reads("SELECT SUM(ID) FROM T")).isEqualTo(5L);
    }
}
