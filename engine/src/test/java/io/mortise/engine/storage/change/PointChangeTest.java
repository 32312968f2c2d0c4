package io.mortise.engine.storage.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import io.mortise.engine.storage.row.PointAccess;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.UUID;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which statements are one row's change, made without H2's list of rows. */
@Timeout(60)
final class PointChangeTest {
    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private SessionLocal h2;

    @BeforeEach
    void tables() throws SQLException {
        Scene.Actor actor = scene.actor();
        h2 = (SessionLocal) actor.connection.unwrap(JdbcConnection.class).getSession();
        try (Statement statement = actor.connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT, W INT, A INT ARRAY, I INT, U INT UNIQUE,"
                    + " P INT REFERENCES T, D INT DEFAULT 5 DEFAULT ON NULL, N INT GENERATED ALWAYS AS IDENTITY)");
            statement.execute("CREATE INDEX BY_I ON T(W DESC, I)");
            statement.execute("CREATE TABLE G(ID INT PRIMARY KEY, V INT, G INT GENERATED ALWAYS AS (V * 2))");
            statement.execute("CREATE TABLE O(ID INT PRIMARY KEY, V INT, T TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)");
            statement.execute("CREATE TABLE K(A INT, B VARCHAR, V INT, PRIMARY KEY(A, B))");
            statement.execute("CREATE LOCAL TEMPORARY TABLE L(ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE VIEW S AS SELECT ID, V FROM T");
        }
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private Prepared read(String sql) throws ReflectiveOperationException {
        h2.lock();
        try {
            var prepared = CommandContainer.class.getDeclaredField("prepared");
            prepared.setAccessible(true);
            return (Prepared) prepared.get(h2.prepareLocal(sql));
        } finally {
            h2.unlock();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE T SET V = V + ? WHERE ID = ?",
                "UPDATE T SET V = 1, A = ARRAY[1] WHERE ID = 5 AND V > 3",
                "UPDATE T X SET X.V = X.W WHERE 1 = X.ID",
                "UPDATE T SET (V, A) = ROW(1, ARRAY[1]) WHERE ID = 5",
                "UPDATE T SET V = 1 WHERE U = 5",
                "UPDATE T SET V = 1, I = 6 WHERE ID = 5",
                "UPDATE T SET W = 6 WHERE ID = 5",
                "UPDATE T SET P = 6 WHERE ID = 5",
                "UPDATE K SET V = 6 WHERE A = ? AND B = '5'",
                "DELETE FROM T WHERE ID = ?",
                "DELETE FROM K WHERE B = ? AND A = 5 AND V > 1"
            })
    void theseAre(String sql) throws ReflectiveOperationException {
        Prepared statement = read(sql);

        assertThat(PointAccess.isPointChange(statement)).isTrue();
        assertThat(PointChange.of(statement)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE T SET V = 1",
                "UPDATE L SET V = 1 WHERE ID = 1",
                "UPDATE T SET V = 1 WHERE ID > 5",
                "UPDATE T SET V = 1 WHERE ID IN (1, 2)",
                "UPDATE T SET V = 1 WHERE ID = 5 FETCH FIRST ROW ONLY",
                "UPDATE T SET V = (SELECT MAX(W) FROM T) WHERE ID = 5",
                "UPDATE T SET V = DEFAULT WHERE ID = 5",
                "UPDATE T SET (V, A) = (SELECT 1, ARRAY[1]) WHERE ID = 5",
                "UPDATE T SET A[1] = 5 WHERE ID = 5",
                "UPDATE T SET ID = 6 WHERE ID = 5",
                "UPDATE T SET U = 6 WHERE ID = 5",
                "UPDATE T SET D = ? WHERE ID = 5",
                "UPDATE T SET N = 6 WHERE ID = 5",
                "UPDATE G SET V = 6 WHERE ID = 5",
                "UPDATE O SET V = 6 WHERE ID = 5",
                "UPDATE K SET V = 6 WHERE A = 1",
                "UPDATE K SET V = 6, B = 5 WHERE A = 1 AND B = 2",
                "DELETE FROM T",
                "DELETE FROM T WHERE ID > 5",
                "DELETE FROM T WHERE ID = 5 FETCH FIRST ROW ONLY",
                "DELETE FROM T WHERE ID = 5 AND V = (SELECT MAX(V) FROM T)",
                "DELETE FROM S WHERE ID = 5",
                "UPDATE S SET V = 6 WHERE ID = 5"
            })
    void h2RunsThese(String sql) throws ReflectiveOperationException {
        Prepared statement = read(sql);

        assertThat(PointAccess.isPointChange(statement) && PointChange.of(statement) != null)
                .isFalse();
    }

    /** That counts as altering the table, and leaves the statement as it was read. */
    @Test
    void itIsLookedAtAnewOnceItsTableWasEmptied() throws Exception {
        Prepared statement = read("UPDATE K SET V = 6 WHERE A = ? AND B = '5'");
        PointChange before = Objects.requireNonNull(PointChange.of(statement));
        try (Statement truncate = scene.actor().connection.createStatement()) {
            truncate.execute("TRUNCATE TABLE K");
        }

        assertThat(before.isCurrent()).isFalse();
        assertThat(Objects.requireNonNull(PointChange.of(statement)).isCurrent())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T(ID) VALUES (?)",
                "INSERT INTO T(ID, V, D) VALUES (5, DEFAULT, NULL)",
                "INSERT INTO T(ID, N) OVERRIDING USER VALUE VALUES (5, 6)",
                "INSERT INTO G(ID, V) VALUES (5, (SELECT MAX(V) FROM T))",
                "INSERT INTO O VALUES (5, 6, CURRENT_TIMESTAMP)",
                "INSERT INTO T DEFAULT VALUES",
                "INSERT INTO T SET ID = 5"
            })
    void theseInsertOneRow(String sql) throws ReflectiveOperationException {
        assertThat(RowChange.insertion(read(sql))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T(ID) VALUES (5), (6)",
                "INSERT INTO T(ID) SELECT 5",
                "INSERT INTO L VALUES (5, 6)",
                "MERGE INTO T(ID) VALUES (5)",
                "INSERT INTO INFORMATION_SCHEMA.USERS(USER_NAME) VALUES ('X')",
                "UPDATE T SET V = 1 WHERE ID = 5"
            })
    void h2InsertsThese(String sql) throws ReflectiveOperationException {
        assertThat(RowChange.insertion(read(sql))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO T(ID) VALUES (5) ON DUPLICATE KEY UPDATE V = 6",
                "INSERT IGNORE INTO T(ID) VALUES (5)"
            })
    void h2LooksForTheOtherRow(String sql) throws Exception {
        try (Statement statement = scene.actor().connection.createStatement()) {
            statement.execute("SET MODE MySQL");
        }

        assertThat(RowChange.insertion(read(sql))).isNull();
    }
}
