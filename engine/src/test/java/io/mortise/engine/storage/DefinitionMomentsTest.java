package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.policy.MvccPolicy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reader sees in the moments in which a definition is between two of its steps. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class DefinitionMomentsTest {
    private static final String EACH = "SELECT COUNT(*) FROM U WHERE EXISTS (SELECT 1 FROM T WHERE T.ID = U.ID)";
    private static final int ROWS = 20;

    private final Scene scene = Scene.with(new MvccPolicy(30_000, false));
    private Scene.Actor definer;
    private Scene.Actor reader;

    @BeforeEach
    void tables() throws Exception {
        definer = scene.actor();
        reader = scene.actor();
        definer.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        definer.runs("CREATE TABLE U(ID INT PRIMARY KEY)");
        definer.runs("INSERT INTO T SELECT X, 1 FROM SYSTEM_RANGE(1, 20)");
        definer.runs("INSERT INTO U SELECT X FROM SYSTEM_RANGE(1, 20)");
        Pause.createBy(definer);
    }

    @AfterEach
    void close() throws Exception {
        Ambush.lift();
        scene.close();
    }

    /** The locks are given back, and H2 has not told each table of that. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE TABLE T",
                "CREATE INDEX TV ON T(V)",
                "ALTER TABLE T ADD CHECK (V > 0)",
                "ALTER TABLE T ADD COLUMN C INT BEFORE V"
            })
    void anOlderSnapshotIsRefusedFromTheMomentInWhichTheTableIsFree(String definition) throws Exception {
        reader.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        reader.inTransaction();
        assertThat(reader.reads("SELECT COUNT(*) FROM U")).isEqualTo((long) ROWS);
        CompletableFuture<String> answer = new CompletableFuture<>();
        define(definition, Spot.TABLES_RELEASED, () -> answer.complete(answerOf(reader, EACH)));

        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo("40001");
    }

    private void define(String definition, Spot spot, Runnable meanwhile) throws Exception {
        Scene.finish(definer.does(() -> {
            Ambush.lay(spot, meanwhile);
            definer.runsHere(definition);
            return 0;
        }));
    }

    private static String answerOf(Scene.Actor reader, String query) {
        try {
            return Scene.finish(reader.does(() -> answerTo(reader.connection, query)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String answerTo(Connection connection, String query) {
        try (PreparedStatement statement = connection.prepareStatement(query);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? rows.getString(1) : "nothing";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    /** The index is out of the table's list, and its entries are there: who begins now has no snapshot of them. */
    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_SERIALIZABLE})
    void noReadBeginsOnAnIndexThatIsJustGoing(int level) throws Exception {
        definer.runs("CREATE INDEX TV ON T(V)");
        String sum = "SELECT SUM(V) FROM T WHERE V >= PAUSE(0)";
        Pause.begin();
        reader.connection.setTransactionIsolation(level);
        CompletableFuture<Future<String>> read = new CompletableFuture<>();
        reader.does(() -> reader.connection.prepareStatement(sum)).get(); // It has planned to look there.
        define("DROP INDEX TV", Spot.INDEX_REMOVED, () -> read.complete(begun(sum)));
        Pause.end();

        assertThat(Scene.finish(read.get(60, TimeUnit.SECONDS))).isIn(String.valueOf(ROWS), "40001");
    }

    private Future<String> begun(String query) {
        Future<String> read = reader.does(() -> answerTo(reader.connection, query));
        try {
            Pause.reached().await(300, TimeUnit.MILLISECONDS); // It should not get there.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return read;
    }

    /** The index shows what is there now, and the rows are those of the snapshot. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "SELECT SUM(V) FROM T WHERE V >= 0,20",
                "SELECT COUNT(*) FROM T WHERE V = 1,20",
                "SELECT MAX(V) FROM T,1",
                "SELECT COUNT(DISTINCT V) FROM T,1",
                "SELECT V FROM T WHERE V >= 0 ORDER BY V DESC FETCH FIRST ROW ONLY,1",
                "SELECT C FROM W,20",
                "CALL (SELECT SUM(V) FROM T WHERE V >= 0),20",
                "SELECT COUNT(*) FROM U JOIN T ON T.ID = U.ID AND T.V = 1,20"
            })
    void aSnapshotIsReadWithoutAnIndexThatIsYounger(String query, String answer) throws Exception {
        definer.runs("CREATE VIEW W AS SELECT COUNT(*) C FROM T WHERE V = 1");
        for (String level : List.of("SNAPSHOT", "REPEATABLE READ")) {
            reader.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
            reader.inTransaction();
            assertThat(reader.reads("SELECT COUNT(*) FROM T")).isEqualTo((long) ROWS);
            definer.runs("CREATE INDEX TV ON T(V)");
            definer.runs("DELETE FROM T WHERE ID <= 5");
            definer.runs("UPDATE T SET V = 7 WHERE ID = 6");

            assertThat(answerOf(reader, query)).as(level).isEqualTo(answer);

            reader.commits();
            assertThat(answerOf(reader, query)).as(level).isNotEqualTo(answer);
            definer.runs("DROP INDEX TV");
            definer.runs("DELETE FROM T");
            definer.runs("INSERT INTO T SELECT X, 1 FROM SYSTEM_RANGE(1, 20)");
            reader.commits();
        }
    }

    @Test
    void theNextTransactionLooksIntoIt() throws Exception {
        reader.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
        reader.inTransaction();
        String sum = "SELECT SUM(V) FROM T WHERE V = 1";
        assertThat(reader.reads(sum)).isEqualTo((long) ROWS);
        definer.runs("CREATE INDEX TV ON T(V)");
        try (PreparedStatement kept = Scene.finish(reader.does(() -> reader.connection.prepareStatement(sum)))) {
            assertThat(answerOf(kept)).isEqualTo("20");
            reader.commits();
            assertThat(answerOf(kept)).isEqualTo("20");
        }
        assertThat(String.valueOf(reader.reads("EXPLAIN " + sum))).contains("TV");
    }

    private String answerOf(PreparedStatement statement) throws Exception {
        return Scene.finish(reader.does(() -> {
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "nothing";
            }
        }));
    }

    /** It is there, and nobody may look into it; nobody has to wait for it either. */
    @Test
    void noReadMeetsAnIndexThatIsNotCommitted() throws Exception {
        CompletableFuture<String> answers = new CompletableFuture<>();
        define(
                "CREATE INDEX TV ON T(V)",
                Spot.TRANSACTION_ENDED,
                () -> answers.complete(answerOf(reader, "SELECT MAX(V) FROM T")
                        + answerOf(reader, "SELECT SUM(V) FROM T WHERE V >= 0")
                        + answerOf(reader, "CALL (SELECT SUM(V) FROM T WHERE V >= 0)")));

        assertThat(answers.get(60, TimeUnit.SECONDS)).isEqualTo("12020");
    }

    /** While the copy is put in its place, H2 finds no table of that name, or one without its columns. */
    @Test
    void aStatementIsNotToldThatItsTableIsNotThere() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        Future<List<String>> answers = reader.does(() -> answers(reader.connection, isOver));
        for (int i = 0; i < 60; i++) {
            definer.runs("ALTER TABLE T ADD COLUMN C INT BEFORE V");
            definer.runs("ALTER TABLE T DROP COLUMN C");
        }
        isOver.set(true);

        assertThat(Scene.finish(answers)).containsOnly("20");
    }

    /** The locks on all tables are free as H2 tells the first of them that the definition has ended. */
    @Test
    void noSerializableReadFindsTheTableEmpty() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        List<Future<List<String>>> answers = new ArrayList<>();
        for (Scene.Actor each : List.of(reader, scene.actor(), scene.actor())) {
            each.connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            answers.add(each.does(() -> answersToEach(each.connection, isOver)));
        }
        for (int i = 0; i < 100; i++) {
            definer.runs("ALTER TABLE T ADD COLUMN C INT BEFORE V");
            definer.runs("ALTER TABLE T DROP COLUMN C");
        }
        isOver.set(true);

        for (Future<List<String>> each : answers) {
            assertThat(Scene.finish(each)).doesNotContain("0");
        }
    }

    private static List<String> answersToEach(Connection connection, AtomicBoolean isOver) {
        List<String> answers = new ArrayList<>();
        while (!isOver.get()) {
            answers.add(answerTo(connection, EACH));
        }
        return answers;
    }

    private static List<String> answers(Connection connection, AtomicBoolean isOver) throws SQLException {
        List<String> answers = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT SUM(V) FROM T WHERE V >= 0")) {
            while (!isOver.get()) {
                try (ResultSet rows = statement.executeQuery()) {
                    answers.add(rows.next() ? rows.getString(1) : "nothing");
                } catch (SQLException e) {
                    answers.add(e.getMessage());
                }
            }
        }
        return answers;
    }
}
