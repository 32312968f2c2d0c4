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
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A change may have to be repeated, because of a definition that came in between. A row has changed as often as its
 * client was told all the same: what was done before is undone, and what is committed is not repeated.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ChangedOnceTest {
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
                "8 | UPDATE T SET V = V + 1 WHERE K = %",
                "6 | UPDATE T SET V = V + 1 WHERE K = %",
                "6 | UPDATE T SET V = V + 1 WHERE ID = %",
                "6 | SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1 WHERE K = %)",
                "2 | SELECT V FROM FINAL TABLE (UPDATE T SET V = V + 1 WHERE K = %)",
            })
    void aRowHasChangedAsOftenAsItsClientWasTold(int level, String change) throws Exception {
        assertToldTheTruth(level, change);
    }

    private void assertToldTheTruth(int level, String change) throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        List<Future<List<String>>> wrong = new ArrayList<>();
        for (int key = 1; key <= 3; key++) {
            Scene.Actor writer = scene.actor();
            writer.connection.setTransactionIsolation(level);
            String text = change.replace("%", "" + key);
            String look = "SELECT V FROM T WHERE ID = " + key;
            Connection writes = writer.connection;
            wrong.add(writer.does(() -> changes(writes, writes, List.of(text, look), () -> !isOver.get())));
        }
        for (int i = 0; i < 300; i++) {
            definer.runs("CREATE INDEX TK ON T(K)");
            definer.runs("DROP INDEX TK");
        }
        isOver.set(true);

        for (Future<List<String>> one : wrong) {
            assertThat(Scene.finish(one)).isEmpty();
        }
    }

    /** @param texts the change, and the query that looks what has come of it */
    private static List<String> changes(Connection writes, Connection looks, List<String> texts, BooleanSupplier goesOn)
            throws SQLException {
        List<String> wrong = new ArrayList<>();
        long told = 0;
        while (goesOn.getAsBoolean()) {
            String answer = "1 row";
            try (PreparedStatement statement = writes.prepareStatement(texts.get(0))) {
                statement.execute();
                told++;
            } catch (SQLException refused) { // Its table has changed since the snapshot.
                assertThat(refused.getSQLState()).isEqualTo("40001");
                answer = "refused";
            }
            long found = found(looks, texts.get(1));
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
