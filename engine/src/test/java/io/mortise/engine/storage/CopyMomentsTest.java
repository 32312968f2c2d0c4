package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.policy.MvccPolicy;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A statement whose snapshot shows the copy that ALTER TABLE fills, and which waits for the table. It is free as soon
 * as the locks are given back, and H2 has not told each table by then.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class CopyMomentsTest {
    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));
    private Scene.Actor definer;
    private Scene.Actor writer;

    @BeforeEach
    void tables() throws Exception {
        definer = scene.actor();
        writer = scene.actor();
        definer.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        definer.runs("INSERT INTO T SELECT X, 1 FROM SYSTEM_RANGE(1, 20)");
        definer.runs("CREATE TABLE O(ID INT)");
        Pause.createBy(definer);
        Pause.begin();
    }

    @AfterEach
    void close() throws Exception {
        Ambush.lift();
        Pause.end();
        scene.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "NONE;UPDATE T SET V = 2 WHERE ID = 7",
                "NONE;UPDATE T SET V = 2 WHERE V = 1 AND ID < 2",
                "NONE;DELETE FROM T WHERE ID = 7",
                "NONE;MERGE INTO T USING (VALUES (7)) X(A) ON T.ID = X.A WHEN MATCHED THEN UPDATE SET V = 2",
                "INDEX;UPDATE T SET V = 2 WHERE ID = 7",
                "INDEX;DELETE FROM T WHERE ID = 7"
            },
            delimiter = ';')
    void noChangeFindsTheCopyEmpty(String more, String change) throws Exception {
        if (more.equals("INDEX")) {
            definer.runs("CREATE INDEX TV ON T(V)");
        }
        writer.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
        CompletableFuture<Future<String>> begun = new CompletableFuture<>();
        Future<Integer> altered = definer.does(() -> {
            Ambush.lay(Spot.TABLES_RELEASED, () -> await(begun));
            definer.runsHere("ALTER TABLE T ADD COLUMN C INT DEFAULT PAUSE(0)");
            return 0;
        });
        Pause.reached().await();
        Future<String> answer = writer.does(() -> answerTo(change));
        begun.complete(answer);
        writer.isSeenToWait(change);
        Pause.end();

        Scene.finish(altered);
        assertThat(Scene.finish(answer)).isEqualTo("40001");
    }

    private String answerTo(String change) {
        try (Statement statement = writer.connection.createStatement()) {
            return String.valueOf(statement.executeUpdate(change));
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private static void await(Future<? extends Future<?>> answer) {
        try {
            answer.get(10, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
