package io.mortise.driver.side;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An UPDATE or DELETE of one row by a unique key, of every kind, and some of more rows: counts, errors and rows are
 * plain H2's.
 */
@Timeout(120)
final class PointChangesTest {
    private static final String[] TABLES = {
        "CREATE DOMAIN SMALL AS INT CHECK (VALUE < 1000)",
        "CREATE TABLE P(ID INT PRIMARY KEY, V INT)",
        "CREATE TABLE T(ID INT PRIMARY KEY, V INT NOT NULL CHECK (V < 100), S VARCHAR(5), D DECIMAL(5, 2),"
                + " A INT ARRAY, L CLOB, M SMALL, E ENUM('a', 'b'), I INT, U INT UNIQUE, P INT REFERENCES P,"
                + " N INT DEFAULT 5 DEFAULT ON NULL, G INT GENERATED ALWAYS AS IDENTITY, CHECK (V < M))",
        "CREATE INDEX BY_I ON T(I)",
        "CREATE TABLE C(ID INT PRIMARY KEY, T INT REFERENCES T ON UPDATE CASCADE)",
        "CREATE TABLE G(ID BIGINT PRIMARY KEY, V INT, G INT GENERATED ALWAYS AS (V * 2))",
        "CREATE TABLE W(ID INT PRIMARY KEY, V INT)",
        "CREATE TABLE K(ID INT, A INT, B VARCHAR, V INT, PRIMARY KEY(A, B))",
        "CREATE TABLE D(ID INT PRIMARY KEY, G BIGINT REFERENCES G ON DELETE CASCADE)",
        "CREATE TABLE LOG(ID INT GENERATED ALWAYS AS IDENTITY, WHAT VARCHAR)",
        "CREATE TRIGGER OF_D BEFORE DELETE ON D FOR EACH STATEMENT CALL '" + Counting.class.getName() + "'",
        "CREATE TRIGGER OF_C AFTER UPDATE ON C FOR EACH STATEMENT CALL '" + Counting.class.getName() + "'",
        "CREATE SEQUENCE Q",
        "CREATE ALIAS ADD_TO FOR '" + PointChangesTest.class.getName() + ".addTo'",
        "CREATE TRIGGER ROWS_OF_W BEFORE UPDATE ON W FOR EACH ROW CALL '" + Watching.class.getName() + "'",
        "INSERT INTO P VALUES (1, 1), (2, 2)",
        "INSERT INTO T(ID, V, S, D, A, L, M, E, I, U, P) VALUES"
                + " (1, 1, 'one', 1.5, ARRAY[1, 2], 'first', 50, 'a', 1, 1, 1),"
                + " (2, 2, 'two', 2.5, NULL, NULL, 90, 'b', 1, 2, 2), (3, 99, NULL, NULL, NULL, NULL, 999, NULL, 3, 3, 1)",
        "INSERT INTO C VALUES (1, 1)",
        "INSERT INTO G(ID, V) VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO D VALUES (1, 1), (2, 2)",
        "INSERT INTO K VALUES (1, 1, '1', 1), (2, 2, '1', 2), (3, 1, '2', 3)",
        "INSERT INTO W VALUES (1, 1), (2, 2)"
    };

    private static final List<@Nullable Object> NUMBERS =
            Arrays.asList(1, 2L, (short) 3, 4, "1", " 2 ", "x", 1.0, 1.5, new BigDecimal("2.0"), true, null);

    private static final List<String> STATEMENTS = List.of(
            "UPDATE T SET V = V + 1 WHERE ID = ?",
            "UPDATE T SET V = V + 1 WHERE ID = ? AND V > 1",
            "UPDATE T SET V = V + 1, S = S || 'x' WHERE ID = ?",
            "UPDATE T SET S = 'far too long' WHERE ID = ?",
            "UPDATE T SET V = NULL WHERE ID = ?",
            "UPDATE T SET V = 10 / (V - 1) WHERE ID = ?",
            "UPDATE T SET V = 'no number' WHERE ID = ?",
            "UPDATE T SET V = 60 WHERE ID = ?",
            "UPDATE T SET D = D * 100 WHERE ID = ?",
            "UPDATE T SET D = 1.239 WHERE ID = ?",
            "UPDATE T SET A = A || 7 WHERE ID = ?",
            "UPDATE T SET A[2] = 7 WHERE ID = ?",
            "UPDATE T SET L = L || ' and more', S = L WHERE ID = ?",
            "UPDATE T SET M = M * 10 WHERE ID = ?",
            "UPDATE T SET E = 'b' WHERE ID = ?",
            "UPDATE T SET E = 'c' WHERE ID = ?",
            "UPDATE T SET I = I + 1 WHERE ID = ?",
            "UPDATE T SET U = 2 WHERE ID = ?",
            "UPDATE T SET P = P + 1 WHERE ID = ?",
            "UPDATE T SET N = NULL WHERE ID = ?",
            "UPDATE T SET N = DEFAULT WHERE ID = ?",
            "UPDATE T SET G = 7 WHERE ID = ?",
            "UPDATE T SET (V, S) = (V + 2, 'both') WHERE ID = ?",
            "UPDATE T SET ID = ID + 10 WHERE ID = ?",
            "UPDATE T SET V = ROWNUM() + 40 WHERE ID = ?",
            "UPDATE T SET V = NEXT VALUE FOR Q WHERE ID = ?",
            "UPDATE T SET V = ADD_TO(ID) WHERE ID = ?",
            "UPDATE T SET V = ID, V = 2 WHERE ID = ?",
            "UPDATE T SET V = V + 1 WHERE ID = ? FETCH FIRST 0 ROWS ONLY",
            "UPDATE T SET V = V WHERE ID = ?",
            "UPDATE P SET V = V + 1 WHERE ID = ?",
            "UPDATE G SET V = V + 1 WHERE ID = ?",
            "UPDATE W SET V = V + 11 WHERE ID = ?",
            "UPDATE T SET V = V + 1, I = I + 1, P = 2 WHERE U = ?",
            "UPDATE T SET V = V + 1 WHERE U = ? AND ID > 1",
            "UPDATE T SET U = NULL WHERE U = ?",
            "UPDATE T SET P = 7 WHERE U = ?",
            "UPDATE K SET V = V + 1 WHERE A = ? AND B = '1'",
            "UPDATE K SET V = V + 1 WHERE B = ? AND A = 1",
            "DELETE FROM T WHERE ID = ?",
            "DELETE FROM T WHERE U = ? AND V > 1",
            "DELETE FROM P WHERE ID = ?",
            "DELETE FROM C WHERE ID = ?",
            "DELETE FROM G WHERE ID = ?",
            "DELETE FROM G WHERE ID = ? FETCH FIRST 0 ROWS ONLY",
            "DELETE FROM G WHERE ID = ? AND 1 / (V - 1) > 0",
            "DELETE FROM K WHERE A = ? AND B = '1'",
            "DELETE FROM W WHERE ID = ?",
            "UPDATE T SET V = V + 1 WHERE V = ?",
            "UPDATE T SET V = 10 / (V - 1) WHERE ID = ? OR V = 2",
            "UPDATE K SET V = V + 1 WHERE B = ?",
            "DELETE FROM K WHERE B = ? OR V = 3",
            "UPDATE K SET V = V + (SELECT COUNT(*) FROM P WHERE P.ID = K.A) WHERE B = ?",
            "INSERT INTO K SELECT 9, A, B || 'x', V FROM K WHERE B = ?");

    /** Of W: refuses 13, and doubles. */
    public static final class Watching implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            if (Integer.valueOf(13).equals(after[1])) {
                throw new SQLException("not 13", "45000", 1313);
            }
            after[1] = (Integer) after[1] * 2;
        }
    }

    /** Called once a statement, also where that changes no row. */
    public static final class Counting implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            Steps.run(connection, "INSERT INTO LOG(WHAT) VALUES ('called')");
        }
    }

    /** Changes the row that the statement is about to change. */
    public static int addTo(Connection inside, int row) throws SQLException {
        Steps.run(inside, "UPDATE T SET S = 'in' WHERE ID = " + row);
        return row + 20;
    }

    private static List<String> statements() {
        return STATEMENTS;
    }

    @ParameterizedTest
    @MethodSource("statements")
    void theyDoWhatH2Does(String sql) throws SQLException {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:");
                Connection ours = DriverManager.getConnection("jdbc:mortise:mem:", "sa", "")) {
            assertThat(answers(ours, sql)).isEqualTo(answers(plain, sql));
        }
    }

    private static List<String> answers(Connection from, String sql) throws SQLException {
        Steps.run(from, TABLES);
        List<String> answers = new ArrayList<>();
        try (PreparedStatement statement = from.prepareStatement(sql)) {
            run(statement, answers);
            from.setAutoCommit(false);
            run(statement, answers);
            from.rollback();
            from.setAutoCommit(true);
            Steps.run(
                    from,
                    "CREATE TRIGGER LATE BEFORE UPDATE ON T FOR EACH ROW CALL '" + Watching.class.getName() + "'");
            run(statement, answers);
        } catch (SQLException refused) {
            answers.add("not prepared: " + refused.getErrorCode());
        }
        return answers;
    }

    private static void run(PreparedStatement statement, List<String> answers) throws SQLException {
        for (Object number : NUMBERS) {
            statement.setObject(1, number);
            answers.add(number + ": " + answer(statement));
        }
        for (String table : List.of("T", "C", "P", "G", "D", "K", "W", "LOG")) {
            answers.add(Steps.rows(statement.getConnection(), "SELECT * FROM " + table + " ORDER BY ID"));
        }
    }

    private static String answer(PreparedStatement statement) {
        try {
            return statement.executeUpdate() + " changed";
        } catch (SQLException e) {
            return e.getErrorCode() + " " + e.getSQLState() + " " + e.getClass().getSimpleName();
        }
    }
}
