package io.mortise.driver.side;

import static io.mortise.driver.side.Steps.done;
import static io.mortise.driver.side.Steps.rows;
import static io.mortise.driver.side.Steps.run;
import static io.mortise.driver.side.Steps.steps;

import io.mortise.driver.side.Calls.Call;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.io.Writer;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The groups of calls that read rows, results and long values. Stateless. */
final class ReadingCalls {
    private static final int[] SCROLLS = {
        ResultSet.TYPE_FORWARD_ONLY, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.TYPE_SCROLL_SENSITIVE
    };
    private static final int[] CONCURRENCIES = {ResultSet.CONCUR_READ_ONLY, ResultSet.CONCUR_UPDATABLE};
    private static final int[] HOLDS = {ResultSet.HOLD_CURSORS_OVER_COMMIT, ResultSet.CLOSE_CURSORS_AT_COMMIT};

    private ReadingCalls() {}

    static Map<String, Call> of(String group) {
        return switch (group) {
            case "rows" -> moving();
            case "callable" -> callable();
            case "lobs" -> lobs();
            case "triggers" -> TriggerCalls.all();
            case "batches" -> ScriptCalls.batches();
            case "savepoints" -> ScriptCalls.savepoints();
            case "files" ->
                ScriptCalls.statements(
                        "CALL CSVWRITE('memFS:a.csv', 'SELECT X, X || ''a'' V FROM SYSTEM_RANGE(1, 3)')",
                        "SELECT * FROM CSVREAD('memFS:a.csv')",
                        "SELECT * FROM CSVREAD('memFS:none.csv')",
                        "CREATE TABLE S(ID INT PRIMARY KEY) AS SELECT X FROM SYSTEM_RANGE(1, 3)",
                        "SCRIPT TABLE S",
                        "SCRIPT NODATA TO 'memFS:s.sql' TABLE S",
                        "RUNSCRIPT FROM 'none.sql'");
            case "linked tables" ->
                ScriptCalls.statements(
                        "CREATE TABLE L0(ID INT PRIMARY KEY, V VARCHAR(10))",
                        "CREATE LINKED TABLE L1('', 'jdbc:h2:mem:linked;INIT=CREATE TABLE IF NOT EXISTS F(ID INT PRIMARY KEY, V"
                                + " VARCHAR(10))', 'sa', '', 'F')",
                        "INSERT INTO L1 VALUES (1, 'a'), (2, 'b')",
                        "INSERT INTO L1 VALUES (1, 'c')",
                        "UPDATE L1 SET V = 'd' WHERE ID = 2",
                        "INSERT INTO L0 SELECT * FROM L1",
                        "SELECT * FROM L0 JOIN L1 USING (ID, V) ORDER BY ID",
                        "DELETE FROM L1");
            case "escapes" -> ScriptCalls.escapes();
            default -> throw new IllegalArgumentException(group);
        };
    }

    private static Map<String, Call> moving() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (int scroll : SCROLLS) {
            for (int concurrency : CONCURRENCIES) {
                for (int hold : HOLDS) {
                    calls.put(
                            scroll + " " + concurrency + " " + hold,
                            connection -> moves(connection, connection.createStatement(scroll, concurrency, hold)));
                }
            }
        }
        return calls;
    }

    private static String moves(Connection connection, Statement statement) throws Exception {
        run(
                connection,
                "CREATE TABLE M(ID INT PRIMARY KEY, V INT)",
                "INSERT INTO M SELECT X, 0 FROM SYSTEM_RANGE(1, 5)");
        connection.setAutoCommit(false);
        ResultSet r = statement.executeQuery("SELECT ID, V FROM M ORDER BY ID");
        String all = steps(r::isBeforeFirst, r::next, r::getRow, r::isFirst, r::previous, r::last, r::getRow, r::isLast)
                + steps(
                        () -> r.absolute(-2),
                        r::getRow,
                        () -> r.relative(-1),
                        r::getRow,
                        () -> r.absolute(99),
                        r::isAfterLast)
                + steps(r::first, done(() -> r.updateInt(2, 7)), done(r::cancelRowUpdates), () -> r.getInt(2))
                + steps(
                        done(() -> r.updateInt(2, 8)),
                        done(r::updateRow),
                        r::rowUpdated,
                        () -> r.getInt(2),
                        done(r::refreshRow))
                + steps(
                        done(r::moveToInsertRow),
                        done(() -> r.updateInt(1, 9)),
                        r::getRow,
                        done(r::insertRow),
                        r::rowInserted)
                + steps(
                        done(() -> r.updateInt(1, 9)),
                        done(r::insertRow),
                        done(r::deleteRow),
                        done(r::moveToCurrentRow))
                + steps(
                        r::next,
                        done(r::deleteRow),
                        r::rowDeleted,
                        () -> r.getInt(1),
                        done(r::updateRow),
                        r::next,
                        r::getRow)
                + steps(r::getFetchDirection, done(() -> r.setFetchDirection(ResultSet.FETCH_REVERSE)), r::getFetchSize)
                + steps(r::getCursorName, r::getHoldability, r::getType, r::getConcurrency, () -> r.findColumn("x"))
                + steps(done(connection::commit), r::isClosed, r::next, () -> r.getInt(3), () -> r.getString("none"))
                + rows(connection, "SELECT * FROM M");
        connection.setAutoCommit(true);
        run(connection, "DROP TABLE M");
        return all;
    }

    private static Map<String, Call> callable() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String text :
                List.of("{? = call POWER(?, 2)}", "CALL POWER(?, 2)", "{call POWER(?, ?)}", "?= CALL ABS(?)")) {
            for (int type : List.of(Types.INTEGER, Types.DOUBLE, Types.VARCHAR, Types.NUMERIC, Types.BLOB)) {
                calls.put(text + " " + type, connection -> called(connection, text, type));
                calls.put(text + " " + type + " 2", connection -> called(connection, text + " ", type));
            }
        }
        return calls;
    }

    private static String called(Connection connection, String text, int type) throws Exception {
        try (CallableStatement call = connection.prepareCall(text)) {
            return steps(done(() -> call.registerOutParameter(1, type)), done(() -> call.setInt(1, 3)))
                    + steps(done(() -> call.setInt(2, 3)), call::execute, () -> call.getInt(1), () -> call.getString(1))
                    + steps(
                            () -> call.getObject(1),
                            () -> call.getDouble(1),
                            call::wasNull,
                            () -> call.getBigDecimal(1))
                    + steps(() -> call.getInt("x"), () -> call.getInt(9), () -> call.getObject(1, Long.class))
                    + steps(call::getUpdateCount, call::getMoreResults, () -> call.getDate(1), () -> call.getBytes(1));
        }
    }

    private static Map<String, Call> lobs() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (int from : new int[] {-1, 0, 1, 3, 5, 9}) {
            for (int length : new int[] {-1, 0, 2, 99}) {
                calls.put("part " + from + " " + length, connection -> parts(connection, from, length));
            }
        }
        for (int length : new int[] {0, 1, 1_000, 100_000, 2_000_000, 3_000_000}) {
            calls.put("stream " + length, connection -> streamed(connection, length, length));
            calls.put("stream less " + length, connection -> streamed(connection, length, length / 2));
            calls.put("stream more " + length, connection -> streamed(connection, length, length + 10));
        }
        return calls;
    }

    private static String parts(Connection connection, int from, int length) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT CAST('abcde' AS CLOB), CAST(X'0102030405' AS BLOB)")) {
            row.next();
            Clob text = row.getClob(1);
            Blob bytes = row.getBlob(2);
            return steps(text::length, () -> text.getSubString(from, length), () -> text.position("c", from))
                    + steps(() -> text.getCharacterStream(from, length).read())
                    + steps(bytes::length, () -> Arrays.toString(bytes.getBytes(from, length)))
                    + steps(
                            () -> bytes.position(new byte[] {3}, from),
                            () -> bytes.getBinaryStream(from, length).read())
                    + steps(
                            () -> text.setString(from, "x"),
                            done(() -> text.truncate(length)),
                            done(bytes::free),
                            bytes::length);
        }
    }

    private static String streamed(Connection connection, int has, long said) throws Exception {
        run(connection, "CREATE TABLE B(C CLOB, D BLOB)");
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO B VALUES (?, ?)")) {
            Clob made = connection.createClob();
            return steps(done(() -> insert.setCharacterStream(1, new StringReader("x".repeat(has)), said)))
                    + steps(done(() -> insert.setBinaryStream(2, new ByteArrayInputStream(new byte[has]), said)))
                    + steps(insert::executeUpdate, () -> written(made, has), done(() -> insert.setClob(1, made)))
                    + steps(insert::executeUpdate, () -> rows(connection, "SELECT LENGTH(C), LENGTH(D) FROM B"));
        } finally {
            run(connection, "DROP TABLE B");
        }
    }

    private static Object written(Clob clob, int length) throws Exception {
        try (Writer writer = clob.setCharacterStream(1)) {
            writer.write("y".repeat(length));
        }
        return clob.length();
    }
}
