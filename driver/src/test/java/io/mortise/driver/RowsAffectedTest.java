package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.h2.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ROWS_AFFECTED is the update count that the client was given, whatever else the statement did. */
@Timeout(60)
class RowsAffectedTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private Connection connection;
    private Statement statement;

    /**
     * What a statement runs inside itself: as a trigger three rows for each that is inserted, as a function an update.
     */
    public static final class Inside implements Trigger {
        @Override
        public void fire(Connection inside, Object[] before, Object[] after) throws SQLException {
            try (Statement nested = inside.createStatement()) {
                nested.executeUpdate("INSERT INTO AUDIT VALUES (1), (2), (3)");
            }
        }

        /** Called as an alias. */
        public static int addToAll(Connection inside) throws SQLException {
            try (Statement nested = inside.createStatement()) {
                return nested.executeUpdate("UPDATE CHILD SET V = V + 1");
            }
        }
    }

    @BeforeEach
    void tables() throws SQLException {
        connection = DriverManager.getConnection(url);
        statement = connection.createStatement();
        statement.execute("CREATE TABLE AUDIT(I INT)");
        statement.execute("CREATE TABLE PARENT(ID INT PRIMARY KEY, V INT)");
        statement.execute("CREATE TABLE CHILD(ID INT PRIMARY KEY, P INT REFERENCES PARENT ON DELETE CASCADE, V INT)");
        statement.execute("INSERT INTO PARENT VALUES (1, 1), (2, 2), (3, 3)");
        statement.execute("INSERT INTO CHILD VALUES (1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 2, 0), (5, 3, 0)");
        statement.execute(
                "CREATE TRIGGER T_CHILD AFTER INSERT ON CHILD FOR EACH ROW CALL '" + Inside.class.getName() + "'");
        statement.execute("CREATE ALIAS ADD_TO_ALL FOR '" + Inside.class.getName() + ".addToAll'");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private List<String> counts(String sql) throws SQLException {
        List<String> counts = new ArrayList<>();
        for (String table : List.of("IPE_COMMAND", "SYS.STATEMENTS")) {
            try (Statement reader = connection.createStatement();
                    ResultSet rows = reader.executeQuery("SELECT ROWS_AFFECTED FROM " + table + " WHERE SQL_TEXT = '"
                            + sql.replace("'", "''") + "' ORDER BY SEQ")) {
                while (rows.next()) {
                    counts.add(rows.getString(1));
                }
            }
        }
        return counts;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO PARENT VALUES (4, 4), (5, 5)",
                "INSERT INTO CHILD VALUES (6, 1, 0)",
                "INSERT INTO PARENT SELECT X, X FROM SYSTEM_RANGE(10, 16)",
                "UPDATE PARENT SET V = V",
                "UPDATE PARENT SET V = 0 WHERE ID > 100",
                "DELETE FROM PARENT WHERE ID = 1",
                "MERGE INTO PARENT KEY (ID) VALUES (3, 9), (4, 9), (5, 9), (6, 9)",
                "MERGE INTO PARENT P USING (SELECT X FROM SYSTEM_RANGE(3, 7)) S ON P.ID = S.X"
                        + " WHEN MATCHED THEN UPDATE SET V = 7 WHEN NOT MATCHED THEN INSERT VALUES (S.X, 0)",
                "CREATE TABLE COPY AS SELECT * FROM CHILD",
                "TRUNCATE TABLE AUDIT",
                "SET LOCK_TIMEOUT 1234",
                "SET QUERY_STATISTICS TRUE",
                "ALTER TABLE PARENT ADD COLUMN W INT",
                "DROP TABLE AUDIT",
                "COMMIT",
                "GRANT SELECT ON PARENT TO PUBLIC"
            })
    void itIsTheCountThatTheClientWasGiven(String sql) throws SQLException {
        String given = Integer.toString(statement.executeUpdate(sql));

        assertThat(counts(sql)).containsExactly(given, given);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM PARENT",
                "CALL ADD_TO_ALL()",
                "EXPLAIN DELETE FROM PARENT",
                "SELECT ID FROM FINAL TABLE (INSERT INTO PARENT VALUES (9, 9))",
                "SELECT * FROM PARENT FOR UPDATE"
            })
    void aQueryHasNone(String sql) throws SQLException {
        statement.execute(sql);

        assertThat(counts(sql)).containsExactly(null, null);
    }

    @Test
    void aStatementThatATriggerOrAFunctionRunsHasItsOwn() throws SQLException {
        statement.executeUpdate("INSERT INTO CHILD VALUES (7, 1, 0), (8, 1, 0)");
        statement.execute("CALL ADD_TO_ALL()");

        assertThat(counts("INSERT INTO AUDIT VALUES (1), (2), (3)")).containsExactly("3", "3", "3", "3");
        assertThat(counts("UPDATE CHILD SET V = V + 1")).containsExactly("7", "7");
    }

    @Test
    void aStatementThatFailedHasNone() throws SQLException {
        String sql = "INSERT INTO PARENT VALUES (9, 9), (1, 1)";
        assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(SQLException.class);

        assertThat(counts(sql)).containsExactly(null, null);
    }

    @Test
    void theCountIsTheOneThatComesWithGeneratedKeysAndOfThePartsOfAListEach() throws SQLException {
        statement.execute("CREATE TABLE G(ID IDENTITY, V INT)");
        statement.executeUpdate("INSERT INTO G(V) VALUES (1), (2), (3)", Statement.RETURN_GENERATED_KEYS);
        statement.execute("DELETE FROM G WHERE V = 1; DELETE FROM G");

        assertThat(counts("INSERT INTO G(V) VALUES (1), (2), (3)")).containsExactly("3", "3");
        assertThat(counts("DELETE FROM G WHERE V = 1; DELETE FROM G")).containsExactly("1", "1");
        assertThat(counts("DELETE FROM G")).containsExactly("2", "2");
    }

    @Test
    void h2sOwnStatisticsAreWhatTheUserHasMadeThem() throws SQLException {
        String gathered = "SELECT COUNT(*) FROM INFORMATION_SCHEMA.QUERY_STATISTICS WHERE SQL_STATEMENT LIKE 'DELETE%'";
        statement.execute("DELETE FROM AUDIT");
        assertThat(number(gathered)).as("nobody has asked for them").isZero();

        statement.execute("SET QUERY_STATISTICS TRUE");
        statement.execute("DELETE FROM AUDIT");
        assertThatThrownBy(() -> statement.execute("SET QUERY_STATISTICS 7")).isInstanceOf(SQLException.class);
        assertThat(number(gathered)).isOne();

        statement.execute("SET QUERY_STATISTICS FALSE");
        statement.execute("DELETE FROM CHILD");
        assertThat(number(gathered)).isZero();
        assertThat(counts("DELETE FROM CHILD")).containsExactly("5", "5");
    }

    private int number(String sql) throws SQLException {
        try (Statement reader = connection.createStatement();
                ResultSet row = reader.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
