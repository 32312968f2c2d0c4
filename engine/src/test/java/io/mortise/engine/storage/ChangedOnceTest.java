package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A change that H2 has read anew as it ran, because of a definition, may have to be repeated. What it has done before
 * is undone then: a row has changed as often as its client was told.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ChangedOnceTest {
    private static final int TIMES = 300;

    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor definer;

    @BeforeEach
    void aTable() throws Exception {
        definer = scene.actor();
        definer.runs("CREATE TABLE T(ID INT PRIMARY KEY, K INT NOT NULL, V INT)");
        definer.runs("INSERT INTO T SELECT X, X, 0 FROM SYSTEM_RANGE(1, 200)");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "6 | UPDATE T SET V = V + 1 WHERE K = ",
                "6 | UPDATE T SET V = V + 1 WHERE ID = ",
                "6 | SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1 WHERE K = %)",
                "2 | SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1 WHERE K = %)",
            })
    void aRowHasChangedAsOftenAsItsClientWasTold(int level, String change) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        List<Future<List<String>>> wrong = new ArrayList<>();
        for (int key = 1; key <= 3; key++) {
            Scene.Actor writer = scene.actor();
            writer.connection.setTransactionIsolation(level);
            String text = change.contains("%") ? change.replace("%", "" + key) : change + key;
            String look = "SELECT V FROM T WHERE ID = " + key;
            wrong.add(writer.does(() -> changes(writer.connection, text, look, isOver)));
        }
        for (int i = 0; i < TIMES; i++) {
            definer.runs("CREATE INDEX TK ON T(K)");
            definer.runs("DROP INDEX TK");
        }
        isOver.set(true);

        for (Future<List<String>> one : wrong) {
            assertThat(Scene.finish(one)).isEmpty();
        }
    }

    private static List<String> changes(Connection connection, String text, String look, AtomicBoolean isOver)
            throws SQLException {
        List<String> wrong = new ArrayList<>();
        long told = 0;
        while (!isOver.get()) {
            String answer = "1 row";
            try (PreparedStatement statement = connection.prepareStatement(text)) {
                statement.execute();
                told++;
            } catch (SQLException refused) { // Its table has changed since the snapshot.
                assertThat(refused.getSQLState()).isEqualTo("40001");
                answer = "refused";
            }
            long found = found(connection, look);
            if (found != told) {
                wrong.add(found + " in place of " + told + " after: " + answer);
                told = found;
            }
        }
        return wrong;
    }

    private static long found(Connection connection, String look) throws SQLException {
        while (true) {
            try (PreparedStatement statement = connection.prepareStatement(look);
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            } catch (SQLException refused) {
                assertThat(refused.getSQLState()).isEqualTo("40001");
            }
        }
    }
}
