package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.policy.MvccPolicy;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No statement looks into an index that is younger than its snapshot, also where H2 chooses the index as it runs. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class YoungIndexTest {
    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));
    private Scene.Actor definer;
    private Scene.Actor writer;

    @BeforeEach
    void tables() throws Exception {
        definer = scene.actor();
        writer = scene.actor();
        definer.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT, N VARCHAR)");
        definer.runs("CREATE INDEX VID ON T(V, ID)");
        definer.runs("INSERT INTO T SELECT X, X, 'ab' FROM SYSTEM_RANGE(1, 20)");
        definer.runs("CREATE TABLE O(ID INT)");
    }

    @AfterEach
    void close() throws Exception {
        Pause.end();
        scene.close();
    }

    private void theSnapshotIsTaken(String level) throws Exception {
        writer.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
        writer.inTransaction();
        assertThat(writer.reads("SELECT COUNT(*) FROM T")).isEqualTo(20L);
        assertThat(writer.reads("SELECT COUNT(*) FROM O")).isEqualTo(0L);
    }

    /** H2 reads such a statement each time that it runs. */
    @ParameterizedTest
    @ValueSource(strings = {"SNAPSHOT", "REPEATABLE READ"})
    void aChangeWithLikeMissesNoRow(String level) throws Exception {
        theSnapshotIsTaken(level);
        definer.runs("CREATE INDEX TN ON T(N)");
        definer.runs("UPDATE T SET N = 'zz' WHERE ID = 1");

        assertThat(changed("INSERT INTO O SELECT ID FROM T WHERE N LIKE ?")).isEqualTo("20");
        assertThat(changed("UPDATE T SET V = 0 WHERE N LIKE ?")).isEqualTo("40001");
    }

    private String changed(String sql) throws Exception {
        return Scene.finish(writer.does(() -> {
            try (PreparedStatement change = writer.connection.prepareStatement(sql)) {
                change.setString(1, "a%");
                return String.valueOf(change.executeUpdate());
            } catch (SQLException e) {
                return e.getSQLState();
            }
        }));
    }

    /** H2 looks for the index of MIN and MAX as it runs, and takes the one with the fewest columns. */
    @ParameterizedTest
    @CsvSource({"SNAPSHOT, MAX, 20", "SNAPSHOT, MIN, 1", "REPEATABLE READ, MAX, 20"})
    void aChangeByMaxIsByThatOfItsSnapshot(String level, String function, int answer) throws Exception {
        theSnapshotIsTaken(level);
        definer.runs("CREATE INDEX TV ON T(V)");
        definer.runs("UPDATE T SET V = 10 WHERE ID IN (1, 20)");
        writer.runs("INSERT INTO O VALUES ((SELECT " + function + "(V) FROM T))");

        assertThat(writer.reads("SELECT ID FROM O")).isEqualTo(answer);
    }

    @Test
    void aQueryByMaxIsByThatOfItsStatement() throws Exception {
        Pause.createBy(definer);
        Pause.begin();
        Future<Object> max = writer.does(
                () -> first("SELECT A + B FROM (SELECT PAUSE(0) A, (SELECT MAX(V) FROM T) B FROM T WHERE ID = 1)"));
        Pause.reached().await();
        definer.runs("CREATE INDEX TV ON T(V)");
        definer.runs("UPDATE T SET V = 10 WHERE ID IN (1, 20)");
        Pause.end();

        assertThat(Scene.finish(max)).isEqualTo(20L);
    }

    private Object first(String query) throws SQLException {
        try (PreparedStatement statement = writer.connection.prepareStatement(query);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
