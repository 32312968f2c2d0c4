package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 finds neither the tables below a view of a view, nor those in a subquery of a view or of a derived table. It gives
 * a kept result again although the session has changed one of them, and it reads them as they are at the moment and not
 * at the beginning of the statement. Here a query that reads a table in a roundabout way reads as one that names it.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReadThroughViewsTest {
    /** Each counts something that depends on whether T has the row 1000. */
    private static final String SHAPES = """
            SELECT COUNT(*) FROM T
            SELECT COUNT(*) FROM V
            SELECT COUNT(*) FROM VV
            SELECT COUNT(*) FROM EXISTING
            SELECT MAX(C) FROM COUNTED
            SELECT COUNT(*) FROM DERIVED
            SELECT COUNT(*) FROM BY_NAME
            SELECT COUNT(*) FROM EITHER
            SELECT COUNT(*) FROM (SELECT ID FROM V LIMIT 999) Q
            SELECT COUNT(*) FROM (SELECT ID FROM U WHERE ID IN (SELECT ID FROM T)) Q
            SELECT COUNT(*) FROM (SELECT (SELECT COUNT(*) FROM T) C FROM U) Q WHERE C > 3
            WITH C AS (SELECT ID FROM V) SELECT COUNT(*) FROM C
            WITH C AS (SELECT ID FROM U WHERE EXISTS (SELECT 1 FROM T WHERE ID = 1000)) SELECT COUNT(*) FROM C
            SELECT COUNT(*) FROM U WHERE ID IN (SELECT ID FROM VV)
            SELECT COUNT(*) FROM U WHERE EXISTS (SELECT 1 FROM VV WHERE ID = 1000)
            SELECT (SELECT COUNT(*) FROM VV)
            VALUES ((SELECT COUNT(*) FROM VV))
            CALL (SELECT COUNT(*) FROM VV)
            SELECT COUNT(*) FROM SYSTEM_RANGE(1, (SELECT COUNT(*) FROM T))
            SELECT COUNT(*) FROM (SELECT X FROM SYSTEM_RANGE(1, (SELECT COUNT(*) FROM VV)) LIMIT 999) Q
            SELECT COUNT(*) FROM NUMBERED
            """;

    private final Scene scene = Scene.inMemory();
    private Scene.Actor one;
    private Scene.Actor other;

    @BeforeEach
    void tables() throws Exception {
        one = scene.actor();
        other = scene.actor();
        for (String table : List.of("T", "U")) {
            one.runs("CREATE TABLE " + table + "(ID INT PRIMARY KEY, X INT)");
        }
        one.runs("INSERT INTO T VALUES (1, 100), (2, 100), (3, 100)");
        one.runs("INSERT INTO U VALUES (999, 100), (1000, 100), (1001, 100)");
        one.runs("CREATE VIEW V AS SELECT * FROM T");
        one.runs("CREATE VIEW VV AS SELECT * FROM V");
        one.runs("CREATE VIEW W AS SELECT * FROM U");
        one.runs("CREATE VIEW WW AS SELECT * FROM W");
        one.runs("CREATE VIEW EXISTING AS SELECT * FROM U WHERE EXISTS (SELECT 1 FROM T WHERE ID = 1000)");
        one.runs("CREATE VIEW COUNTED AS SELECT ID, (SELECT COUNT(*) FROM T) C FROM U");
        one.runs("CREATE VIEW DERIVED AS SELECT * FROM (SELECT ID FROM U WHERE ID IN (SELECT ID FROM T)) Q");
        one.runs("CREATE VIEW BY_NAME AS WITH C AS (SELECT ID FROM VV) SELECT * FROM C");
        one.runs("CREATE VIEW EITHER AS SELECT ID FROM U UNION ALL SELECT ID FROM V");
        one.runs("CREATE VIEW NUMBERED AS SELECT X FROM SYSTEM_RANGE(1, (SELECT COUNT(*) FROM T))");
        one.inTransaction();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private static Object first(PreparedStatement query) throws SQLException {
        try (ResultSet rows = query.executeQuery()) {
            rows.next();
            return rows.getObject(1);
        }
    }

    private static void setLevel(Scene.Actor actor, String level) throws Exception {
        actor.runs("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void oneSeesWhatOneHasWrittenAndNotWhatWasUndone(String level) throws Exception {
        setLevel(one, level);
        List<String> wrong = new ArrayList<>();
        for (String sql : SHAPES.lines().toList()) {
            List<Object> seen = Scene.finish(one.does(() -> seen(one.connection, sql)));
            Object without = seen.get(0);
            Object with = seen.get(1);
            if (with.equals(without) || !seen.equals(List.of(without, with, without, with, without, without))) {
                wrong.add(sql + " " + seen);
            }
        }

        assertThat(wrong).isEmpty();
    }

    /** Without the row, with it, twice, and after each way in which it can go. */
    private static List<Object> seen(Connection connection, String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql);
                PreparedStatement insert = connection.prepareStatement("INSERT INTO T VALUES (1000, 100)");
                PreparedStatement delete = connection.prepareStatement("DELETE FROM T WHERE ID = 1000")) {
            List<Object> seen = new ArrayList<>();
            seen.add(first(query));
            insert.executeUpdate();
            seen.add(first(query));
            delete.executeUpdate();
            seen.add(first(query));
            insert.executeUpdate();
            seen.add(first(query));
            connection.rollback();
            seen.add(first(query));
            connection.commit();
            seen.add(first(query));
            return seen;
        }
    }

    @Test
    void oneSeesWhatAnotherHasCommitted() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (String sql : SHAPES.lines().toList()) {
            PreparedStatement query = one.connection.prepareStatement(sql);
            Object without = Scene.finish(one.does(() -> first(query)));
            other.runs("INSERT INTO T VALUES (1000, 100)");
            Object with = Scene.finish(one.does(() -> first(query)));
            other.runs("DELETE FROM T WHERE ID = 1000");
            if (with.equals(without) || !without.equals(Scene.finish(one.does(() -> first(query))))) {
                wrong.add(sql);
            }
        }

        assertThat(wrong).isEmpty();
    }

    @Test
    void aRowOfABatchSeesTheRowsBeforeIt() throws Exception {
        Scene.finish(one.does(() -> {
            try (PreparedStatement insert =
                    one.connection.prepareStatement("INSERT INTO T VALUES (?, (SELECT COUNT(*) FROM VV))")) {
                for (int id = 10; id < 13; id++) {
                    insert.setInt(1, id);
                    insert.addBatch();
                }
                return insert.executeBatch();
            }
        }));

        assertThat(one.reads("SELECT LISTAGG(X, ' ') WITHIN GROUP (ORDER BY ID) FROM T WHERE ID > 9"))
                .isEqualTo("3 4 5");
    }

    @ParameterizedTest
    @CsvSource({
        "READ COMMITTED, T, U",
        "READ COMMITTED, V, W",
        "READ COMMITTED, VV, WW",
        "READ COMMITTED, (SELECT X FROM VV LIMIT 99), WW",
        "REPEATABLE READ, VV, WW",
        "SNAPSHOT, VV, WW"
    })
    void aStatementReadsOneStateOfAllTables(String level, String from, String to) throws Exception {
        String sum = "(SELECT SUM(X) FROM " + from + ") + BETWEEN_THEM() + (SELECT SUM(X) FROM " + to + ")";
        one.runs("CREATE ALIAS BETWEEN_THEM FOR '" + Between.class.getName() + ".move'");
        setLevel(one, level);

        for (String sql : List.of("SELECT " + sum, "CALL " + sum)) {
            Between.MOVER.set(other);

            assertThat(((Number) one.reads(sql)).intValue()).as(sql).isEqualTo(600);
            assertThat(Between.MOVER.get()).as("moved").isNull();
            one.commits();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "READ COMMITTED, T, U",
        "READ COMMITTED, VV, WW",
        "REPEATABLE READ, T, U",
        "REPEATABLE READ, VV, WW",
        "SNAPSHOT, VV, WW"
    })
    void whatATableIsFilledWithIsOneStateOfAllTables(String level, String from, String to) throws Exception {
        String sum = "SELECT (SELECT SUM(X) FROM " + from + ") + BETWEEN_THEM() + (SELECT SUM(X) FROM " + to + ") S";
        one.runs("CREATE ALIAS BETWEEN_THEM FOR '" + Between.class.getName() + ".move'");
        one.runs("CREATE TABLE FILLED(S BIGINT PRIMARY KEY)");
        setLevel(one, level);
        List<String> wrong = new ArrayList<>();

        for (String sql : List.of(
                "CREATE TABLE FILLED_1 AS " + sum,
                "CREATE LOCAL TEMPORARY TABLE FILLED_2 AS " + sum,
                "CREATE TABLE FILLED_3(S BIGINT PRIMARY KEY) AS SELECT S FROM (" + sum + ")",
                "EXECUTE IMMEDIATE 'CREATE TABLE FILLED_4 AS " + sum + "'",
                "CREATE MATERIALIZED VIEW FILLED_5 AS " + sum,
                "REFRESH MATERIALIZED VIEW FILLED_5",
                "CREATE OR REPLACE MATERIALIZED VIEW FILLED_6 AS " + sum,
                "INSERT INTO FILLED " + sum,
                "MERGE INTO FILLED USING (" + sum + ") Q ON FILLED.S = Q.S WHEN NOT MATCHED THEN INSERT VALUES (Q.S)",
                "MERGE INTO FILLED KEY(S) " + sum,
                "UPDATE FILLED SET S = (" + sum + ")")) {
            Between.MOVER.set(other);
            one.runs(sql);
            one.commits();
            String filled = sql.contains("FILLED_") ? sql.replaceFirst("(?s).*?(FILLED_\\d).*", "$1") : "FILLED";
            List<Object> found = List.of(one.reads("SELECT MAX(S) FROM " + filled), Between.MOVER.get() == null);
            if (!found.toString().equals("[600, true]")) {
                wrong.add(sql + " " + found);
            }
            one.commits();
        }

        assertThat(wrong).isEmpty();
    }

    /** What the query calls between its two looks. */
    public static final class Between {
        static final AtomicReference<Scene.Actor> MOVER = new AtomicReference<>();

        private Between() {}

        /** Another session moves something from one table to the other, and commits. */
        public static int move() throws Exception {
            Scene.Actor mover = MOVER.getAndSet(null);
            if (mover != null) {
                Scene.finish(mover.does(() -> {
                    mover.connection.setAutoCommit(false);
                    try (Statement statement = mover.connection.createStatement()) {
                        statement.execute("UPDATE T SET X = X - 1 WHERE ID = 1");
                        statement.execute("UPDATE U SET X = X + 1 WHERE ID = 1000");
                    }
                    mover.connection.commit();
                    return 0;
                }));
            }
            return 0;
        }
    }
}
