package io.mortise.driver.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.h2.api.DatabaseEventListener;
import org.h2.api.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With OWN_COMMAND and without, prepared and plain: the same answers, errors, locks and lines of the journals. */
@Timeout(120)
final class OwnCommandTest {
    /** Numbers, times and names that no two runs have in common. */
    private static final Set<String> ITS_OWN = Set.of(
            "SEQ",
            "SESSION",
            "TNO",
            "STATEMENT_ID",
            "QUERY_ID",
            "THREAD_NAME",
            "TIME_MS",
            "ELAPSED_MS",
            "DURATION_MS",
            "AGE_MS");

    private static final String OTHER_LEVEL = "SET TRANSACTION ISOLATION LEVEL";

    /** Each is one statement; a question mark is given the number behind it. */
    private static final List<String> SCRIPT = List.of(
            "INSERT INTO PARENT VALUES (?, 1)#7",
            "INSERT INTO PARENT VALUES (?, 1)#7",
            "INSERT INTO PARENT(ID, V) SELECT ID + 10, V FROM PARENT WHERE ID <= ?#3",
            "INSERT INTO CHILD(P, V) VALUES (?, 5)#2",
            "INSERT INTO CHILD(P, V) VALUES (?, 5)#99",
            "SELECT V FROM PARENT WHERE ID = ?#2",
            "SELECT V FROM PARENT WHERE ID = ?#2",
            "SELECT V FROM PARENT WHERE ID = ? FOR UPDATE#2",
            "SELECT V FROM PARENT WHERE ID = ? FOR SHARE#3",
            "SELECT COUNT(*), SUM(V) FROM PARENT JOIN CHILD ON P = PARENT.ID WHERE PARENT.ID > ?#0",
            "SELECT ID FROM PARENT WHERE ID < ? UNION SELECT ID FROM CHILD ORDER BY 1#9",
            "VALUES (1, 2), (3, 4)",
            "TABLE PARENT",
            "SELECT V / (ID - ?) FROM PARENT#2",
            "SELECT * FROM PARENT WHERE ID = CAST('x' AS INT)",
            "SELECT * FROM NOT_THERE",
            "SELECT NEXT VALUE FOR NUMBERS, NEXT VALUE FOR NUMBERS FROM PARENT WHERE ID = ?#1",
            "SELECT NEXT VALUE FOR NUMBERS",
            "UPDATE PARENT SET V = V + 1 WHERE ID = ?#2",
            "UPDATE PARENT SET V = V + 1 WHERE ID > ?#1",
            "UPDATE PARENT SET ID = 1 WHERE ID = ?#2",
            "UPDATE PARENT SET V = 1 / (ID - ?)#2",
            "MERGE INTO PARENT KEY(ID) VALUES (?, 8)#2",
            "MERGE INTO PARENT USING (VALUES (?)) S(I) ON ID = I WHEN MATCHED THEN UPDATE SET V = 9"
                    + " WHEN NOT MATCHED THEN INSERT VALUES (I, 0)#55",
            "DELETE FROM PARENT WHERE ID = ?#1",
            "DELETE FROM PARENT WHERE ID = ?#1",
            "SELECT ID FROM FINAL TABLE (INSERT INTO PARENT VALUES (?, 4))#66",
            "SELECT ADD_TO_ALL(?) FROM PARENT WHERE ID = 2#3",
            "SELECT ADD_TO_ALL(?) FROM PARENT WHERE ID = 2#0",
            "INSERT INTO WATCHED VALUES (?)#1",
            "INSERT INTO WATCHED VALUES (?)#13",
            "SELECT * FROM WATCHED_PARENTS WHERE ID > ?#0",
            "CREATE LOCAL TEMPORARY TABLE MINE(I INT PRIMARY KEY)",
            "INSERT INTO MINE VALUES (?)#1",
            "INSERT INTO MINE VALUES (?)#1",
            "SELECT * FROM MINE WHERE I = ?#1",
            "ALTER TABLE PARENT ADD W INT DEFAULT 3",
            "SELECT W FROM PARENT WHERE ID = ?#2",
            "UPDATE PARENT SET W = ? WHERE ID = 2#6",
            "CREATE INDEX BY_V ON PARENT(V)",
            "SELECT ID FROM PARENT WHERE V = ? ORDER BY ID#4",
            "EXPLAIN SELECT V FROM PARENT WHERE ID = ?#2",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT V FROM PARENT WHERE ID = ?#2",
            "UPDATE PARENT SET V = V + 1 WHERE ID = ?#2",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SELECT V FROM PARENT WHERE ID = ?#2",
            "UPDATE PARENT SET V = V + 1 WHERE ID = ?#2",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "TRUNCATE TABLE WATCHED",
            "DELETE FROM CHILD");

    /** Of a trigger and of an alias. */
    public static final class Inside implements Trigger {
        @Override
        public void fire(Connection inside, Object[] before, Object[] after) throws SQLException {
            if (Integer.valueOf(13).equals(after[0])) {
                throw new SQLException("not 13", "45000", 1313);
            }
            try (PreparedStatement nested = inside.prepareStatement("UPDATE PARENT SET V = V + ? WHERE ID > 1")) {
                nested.setObject(1, after[0]);
                nested.executeUpdate();
            }
        }

        /** Fails for 0. */
        public static int addToAll(Connection inside, int number) throws SQLException {
            try (PreparedStatement nested = inside.prepareStatement("UPDATE PARENT SET V = V + 1 / ?")) {
                nested.setInt(1, number);
                return nested.executeUpdate();
            }
        }
    }

    private enum Form {
        PLAIN,
        PREPARED,
        WITH_PARAMETERS
    }

    /** How a script is run. */
    private record Way(boolean isOwn, Form form, boolean isAutocommit, boolean isSerializable) {}

    @ParameterizedTest
    @CsvSource({"mvcc, false", "mvcc, true", "kognitio, false", "sqream, false"})
    void noneOfThemIsSeenToBeRunByTheEngine(String policy, boolean isSerializable) throws SQLException {
        for (boolean isAutocommit : new boolean[] {true, false}) {
            List<String> plain = run(policy, new Way(false, Form.PLAIN, isAutocommit, isSerializable));
            List<String> withParameters =
                    run(policy, new Way(false, Form.WITH_PARAMETERS, isAutocommit, isSerializable));

            assertThat(run(policy, new Way(true, Form.PLAIN, isAutocommit, isSerializable)))
                    .isEqualTo(plain);
            assertThat(run(policy, new Way(false, Form.PREPARED, isAutocommit, isSerializable)))
                    .isEqualTo(plain);
            assertThat(run(policy, new Way(true, Form.PREPARED, isAutocommit, isSerializable)))
                    .isEqualTo(plain);
            assertThat(run(policy, new Way(true, Form.WITH_PARAMETERS, isAutocommit, isSerializable)))
                    .isEqualTo(withParameters);
        }
    }

    private static List<String> run(String policy, Way way) throws SQLException {
        List<String> seen = new ArrayList<>();
        String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_POLICY=" + policy + ";OWN_COMMAND=" + way.isOwn;
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Connection reader = DriverManager.getConnection(url, "sa", "")) {
            prepare(connection);
            connection.setAutoCommit(way.isAutocommit);
            if (way.isSerializable) {
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            for (int i = 0; i < SCRIPT.size(); i++) {
                if (way.isSerializable && SCRIPT.get(i).startsWith(OTHER_LEVEL)) {
                    continue;
                }
                String[] parts = SCRIPT.get(i).split("#", -1);
                String number = parts.length > 1 ? parts[1] : "";
                seen.add(SCRIPT.get(i) + " -> " + answer(connection, way, parts[0], number));
                seen.addAll(rows(reader, "SELECT * FROM SYS.LOCKS ORDER BY ROW_KEY, TABLE_NAME, MODE"));
                if (!way.isAutocommit && i % 3 == 0) {
                    connection.commit();
                }
            }
            connection.setAutoCommit(true);
            seen.addAll(rows(reader, "SELECT * FROM PARENT ORDER BY ID"));
            seen.addAll(rows(
                    reader, "SELECT * FROM SYS.STATEMENTS WHERE SESSION = " + session(connection) + " ORDER BY SEQ"));
            seen.addAll(rows(reader, "SELECT * FROM SYS.ERRORS"));
        }
        return seen;
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE PARENT(ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE TABLE CHILD(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                    + " P INT REFERENCES PARENT ON DELETE CASCADE, V INT)");
            statement.execute("INSERT INTO PARENT VALUES (1, 1), (2, 2), (3, 3)");
            statement.execute("CREATE SEQUENCE NUMBERS");
            statement.execute("CREATE TABLE WATCHED(I INT)");
            statement.execute(
                    "CREATE TRIGGER WATCH AFTER INSERT ON WATCHED FOR EACH ROW CALL '" + Inside.class.getName() + "'");
            statement.execute("CREATE ALIAS ADD_TO_ALL FOR '" + Inside.class.getName() + ".addToAll'");
            statement.execute("CREATE VIEW WATCHED_PARENTS AS SELECT ID, I FROM PARENT JOIN WATCHED ON ID > I");
        }
    }

    private static int session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SESSION_ID()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static String answer(Connection connection, Way way, String sql, String number) {
        try {
            if (way.form == Form.PLAIN) {
                try (Statement statement = connection.createStatement()) {
                    return answer(statement, statement.execute(sql.replace("?", number)));
                }
            }
            boolean hasParameter = way.form == Form.WITH_PARAMETERS && !number.isEmpty();
            try (PreparedStatement statement =
                    connection.prepareStatement(hasParameter ? sql : sql.replace("?", number))) {
                if (hasParameter) {
                    statement.setInt(1, Integer.parseInt(number));
                }
                return answer(statement, statement.execute());
            }
        } catch (SQLException e) {
            return e.getClass().getSimpleName() + " " + e.getSQLState() + "/" + e.getErrorCode();
        }
    }

    private static String answer(Statement statement, boolean hasResult) throws SQLException {
        if (!hasResult) {
            return statement.getUpdateCount() + ", warnings " + statement.getWarnings();
        }
        try (ResultSet result = statement.getResultSet()) {
            return String.join(" | ", read(result));
        }
    }

    private static List<String> rows(Connection reader, String sql) throws SQLException {
        try (Statement statement = reader.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return read(result);
        }
    }

    private static List<String> read(ResultSet result) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        List<String> rows = new ArrayList<>();
        while (result.next()) {
            StringBuilder row = new StringBuilder();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                String name = columns.getColumnLabel(i);
                boolean isTime = columns.getColumnType(i) == Types.TIMESTAMP_WITH_TIMEZONE
                        || columns.getColumnType(i) == Types.TIMESTAMP;
                if (!isTime && !ITS_OWN.contains(name) && !name.endsWith("_MS")) {
                    row.append(name).append('=').append(result.getString(i)).append(' ');
                }
            }
            rows.add(row.toString());
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "true, true", "false, true"})
    void aBatchIsWhatItIs(boolean isAutocommit, boolean isSerializable) throws SQLException {
        assertThat(batches(true, isAutocommit, isSerializable)).isEqualTo(batches(false, isAutocommit, isSerializable));
    }

    private static List<String> batches(boolean isOwn, boolean isAutocommit, boolean isSerializable)
            throws SQLException {
        List<String> seen = new ArrayList<>();
        String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";OWN_COMMAND=" + isOwn;
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Connection reader = DriverManager.getConnection(url, "sa", "")) {
            prepare(connection);
            connection.setAutoCommit(isAutocommit);
            if (isSerializable) {
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            }
            seen.add(batch(connection, "INSERT INTO PARENT VALUES (?, 1)", 0, 10, 11, 12));
            seen.add(batch(connection, "INSERT INTO PARENT VALUES (?, 1)", 0, 10, 13, 11, 14, 12));
            seen.add(batch(connection, "INSERT INTO PARENT VALUES (?, 1)", 0, 15));
            seen.add(batch(connection, "INSERT INTO CHILD(P, V) VALUES (?, 5)", 1, 10, 99, 11));
            seen.add(batch(connection, "INSERT INTO CHILD(P, V) VALUES (?, NEXT VALUE FOR NUMBERS)", 0, 10, 11));
            seen.add(batch(connection, "INSERT INTO CHILD(P, V) SELECT ID, ? FROM PARENT", 0, 10, 11));
            seen.add(batch(connection, "INSERT INTO WATCHED VALUES (?)", 0, 1, 13, 2));
            seen.add(batch(connection, "UPDATE PARENT SET V = V + 1 WHERE ID = ?", 0, 10, 10, 77, 11));
            seen.add(batch(connection, "UPDATE PARENT SET V = 1 / (ID - 11) WHERE ID = ?", 0, 10, 11, 12));
            seen.add(batch(connection, "DELETE FROM PARENT WHERE ID = ?", 0, 10, 10, 12));
            seen.add(batch(connection, "MERGE INTO PARENT KEY(ID) VALUES (?, 2)", 0, 10, 10, 12));
            seen.addAll(rows(reader, "SELECT * FROM PARENT ORDER BY ID"));
            seen.addAll(rows(connection, "SELECT * FROM PARENT ORDER BY ID"));
            seen.addAll(rows(connection, "SELECT * FROM CHILD ORDER BY ID"));
            connection.setAutoCommit(true);
            seen.addAll(rows(
                    reader, "SELECT * FROM SYS.STATEMENTS WHERE SESSION = " + session(connection) + " ORDER BY SEQ"));
            seen.addAll(rows(reader, "SELECT * FROM SYS.ERRORS"));
        }
        return seen;
    }

    private static String batch(Connection connection, String sql, int withKeys, int... numbers) throws SQLException {
        StringBuilder seen = new StringBuilder(sql).append(" -> ");
        try (PreparedStatement statement = connection.prepareStatement(
                sql, withKeys == 1 ? Statement.RETURN_GENERATED_KEYS : Statement.NO_GENERATED_KEYS)) {
            for (int number : numbers) {
                statement.setInt(1, number);
                statement.addBatch();
            }
            try {
                seen.append(Arrays.toString(statement.executeBatch()));
            } catch (BatchUpdateException e) {
                seen.append(Arrays.toString(e.getUpdateCounts()))
                        .append(e.getErrorCode())
                        .append(e.getMessage());
                for (SQLException next = e.getNextException(); next != null; next = next.getNextException()) {
                    seen.append(" then ").append(next.getErrorCode());
                }
            }
            if (withKeys == 1) {
                try (ResultSet keys = statement.getGeneratedKeys()) {
                    seen.append(read(keys));
                }
            }
        }
        return seen.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"INSERT INTO CHILD(P, V) VALUES (1, 2), (2, 3)", "UPDATE CHILD SET V = 4", "DELETE FROM CHILD"})
    void generatedKeysAreThoseOfH2(String sql) throws SQLException {
        assertThat(keys(true, sql)).isEqualTo(keys(false, sql));
    }

    private static List<String> keys(boolean isOwn, String sql) throws SQLException {
        List<String> seen = new ArrayList<>();
        String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";OWN_COMMAND=" + isOwn;
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            prepare(connection);
            try (PreparedStatement all = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS);
                    PreparedStatement named = connection.prepareStatement(sql, new String[] {"V", "ID"});
                    PreparedStatement wrong = connection.prepareStatement(sql, new String[] {"NONE"});
                    PreparedStatement counted = connection.prepareStatement(sql, new int[] {3})) {
                for (PreparedStatement each : List.of(all, named, wrong, counted)) {
                    seen.add(keys(each));
                }
            }
            seen.addAll(rows(connection, "SELECT * FROM CHILD"));
        }
        return seen;
    }

    private static String keys(PreparedStatement statement) {
        try {
            int count = statement.executeUpdate();
            try (ResultSet keys = statement.getGeneratedKeys()) {
                return count + " " + read(keys);
            }
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Hears what H2 tells a listener of statements. */
    public static final class Hearing implements DatabaseEventListener {
        private static final List<String> HEARD = new CopyOnWriteArrayList<>();

        @Override
        public void setProgress(int state, String name, long done, long all) {
            if (state == STATE_STATEMENT_START || state == STATE_STATEMENT_END) {
                HEARD.add(state + " " + name);
            }
        }
    }

    @Test
    void whoeverListensToH2HearsOfThemAllAndStatisticsCountThem() throws SQLException {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            prepare(connection);
            PreparedStatement query = connection.prepareStatement("SELECT V FROM PARENT WHERE ID = 2");
            query.executeQuery();
            statement.execute("SET DATABASE_EVENT_LISTENER '" + Hearing.class.getName() + "'");
            query.executeQuery();
            statement.execute("SET DATABASE_EVENT_LISTENER ''");
            query.executeQuery();
            statement.execute("SET QUERY_STATISTICS TRUE");
            query.executeQuery();
            query.executeQuery();

            assertThat(Hearing.HEARD.stream().filter(heard -> heard.endsWith("WHERE ID = 2")))
                    .hasSize(2);
            assertThat(rows(
                            connection,
                            "SELECT EXECUTION_COUNT FROM INFORMATION_SCHEMA.QUERY_STATISTICS"
                                    + " WHERE SQL_STATEMENT LIKE '%WHERE ID = 2'"))
                    .containsExactly("EXECUTION_COUNT=2 ");
        }
    }

    @Test
    void theyCanBeSwitchedOffAndOnWhileStatementsArePrepared() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:" + UUID.randomUUID(), "sa", "");
                Statement statement = connection.createStatement()) {
            prepare(connection);
            connection.setAutoCommit(false);
            try (PreparedStatement update = connection.prepareStatement("UPDATE PARENT SET V = V + 1 WHERE ID = 2")) {
                for (String value : List.of("TRUE", "FALSE", "TRUE", "FALSE")) {
                    statement.execute("SET PARAMETER OWN_COMMAND = '" + value + "'");
                    assertThat(update.executeUpdate()).isEqualTo(1);
                    connection.commit();
                }
            }
            assertThat(rows(connection, "SELECT V FROM PARENT WHERE ID = 2")).containsExactly("V=6 ");
        }
    }
}
