package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.policy.MvccPolicy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text that is read for the first time while ALTER TABLE puts the copy in the place of its table. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class TableAwayTest {
    private static CountDownLatch away = new CountDownLatch(0);
    private static CountDownLatch goOn = new CountDownLatch(0);

    /** A trigger that stops the definition which drops its table: by then H2 finds none of that name. */
    public static final class Stop implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {
            // It is there to be dropped.
        }

        @Override
        public void remove() throws SQLException {
            away.countDown();
            try {
                goOn.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new SQLException(e);
            }
        }
    }

    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));
    private Scene.Actor definer;
    private Scene.Actor user;
    private Future<Integer> altered;

    @BeforeEach
    void theTableIsAway() throws Exception {
        definer = scene.actor();
        user = scene.actor();
        definer.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        definer.runs("INSERT INTO T SELECT X, 1 FROM SYSTEM_RANGE(1, 20)");
        definer.runs("CREATE VIEW W AS SELECT V FROM T");
        definer.runs("CREATE TRIGGER G AFTER DELETE ON T FOR EACH ROW CALL '" + Stop.class.getName() + "'");
        away = new CountDownLatch(1);
        goOn = new CountDownLatch(1);
        altered = definer.begin("ALTER TABLE T ADD COLUMN C INT BEFORE V");
        away.await();
    }

    @AfterEach
    void close() throws Exception {
        goOn.countDown();
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT COUNT(V) FROM T",
                "SELECT COUNT(V) FROM W",
                "CALL (SELECT COUNT(V) FROM T)",
                "UPDATE T SET V = 2",
                "MERGE INTO T USING (VALUES (7)) X(A) ON T.V < X.A WHEN MATCHED THEN UPDATE SET V = 2",
                "SELECT COUNT(V) FROM T WHERE V = 1; SELECT 1"
            })
    void isReadAgainWhenTheTableIsThere(String text) throws Exception {
        Future<Long> answer = user.does(() -> answerTo(text));
        user.isSeenToWait(text);
        goOn.countDown();

        Scene.finish(altered);
        assertThat(Scene.finish(answer)).isEqualTo(20);
    }

    private long answerTo(String text) throws SQLException {
        try (PreparedStatement statement = user.connection.prepareStatement(text)) {
            if (!statement.execute()) {
                return statement.getUpdateCount();
            }
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Test
    void isReadWithinATransactionToo() throws Exception {
        user.inTransaction();
        Future<Integer> changed = user.begin("DELETE FROM T WHERE ID < 3");
        user.isSeenToWait("DELETE");
        goOn.countDown();

        Scene.finish(altered);
        assertThat(Scene.finish(changed)).isEqualTo(2);
        user.commits();
        scene.endsEmpty();
    }

    @Test
    void whatIsMisspeltIsSaidSoAllTheSame() throws Exception {
        Future<Integer> misspelt = user.begin("SELECT * FROM TT");
        user.isSeenToWait("SELECT * FROM TT");
        goOn.countDown();

        Scene.finish(altered);
        assertThatThrownBy(() -> Scene.finish(misspelt)).hasFieldOrPropertyWithValue("errorCode", 42102);
        scene.endsEmpty();
    }

    /** It has taken nothing away yet, and may wait for the one who would wait for it. */
    @Test
    void nobodyWaitsForADefinitionThatWaits() throws Exception {
        goOn.countDown();
        Scene.finish(altered);
        user.inTransaction();
        user.runs("UPDATE T SET V = 3");
        Future<Integer> drops = definer.waitsFor("ALTER TABLE T DROP COLUMN C");

        assertThatThrownBy(() -> user.runs("SELECT * FROM TT")).hasFieldOrPropertyWithValue("errorCode", 42102);
        user.commits();
        Scene.finish(drops);
    }
}
