package io.mortise.driver.side;

import static io.mortise.driver.side.Steps.done;
import static io.mortise.driver.side.Steps.rows;
import static io.mortise.driver.side.Steps.run;
import static io.mortise.driver.side.Steps.steps;

import io.mortise.driver.side.Calls.Call;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The groups of calls that change something, or run a text. Stateless. */
final class ScriptCalls {
    private ScriptCalls() {}

    static Map<String, Call> statements(String... all) {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String sql : all) {
            calls.put(sql, connection -> rows(connection, sql));
        }
        return calls;
    }

    static Map<String, Call> batches() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (List<Integer> keys : List.of(List.<Integer>of(), List.of(1), List.of(1, 2, 3), List.of(1, 1, 2, 2, 3))) {
            calls.put("prepared " + keys, connection -> batch(connection, keys, true));
            calls.put("plain " + keys, connection -> batch(connection, keys, false));
        }
        return calls;
    }

    private static String batch(Connection connection, List<Integer> keys, boolean isPrepared) throws Exception {
        run(connection, "CREATE TABLE P(ID INT PRIMARY KEY, G INT GENERATED ALWAYS AS IDENTITY)");
        String sql = "INSERT INTO P(ID) VALUES (?)";
        try (PreparedStatement statement = connection.prepareStatement(sql, Statement.RETURN_GENERATED_KEYS)) {
            for (int key : keys) {
                if (isPrepared) {
                    statement.setInt(1, key);
                    statement.addBatch();
                } else {
                    steps(done(() -> statement.addBatch("INSERT INTO P(ID) VALUES (" + key + ")")));
                }
            }
            return steps(() -> counts(statement), () -> rows(statement.getGeneratedKeys()), statement::getUpdateCount)
                    + steps(() -> counts(statement), done(statement::clearBatch), statement::getWarnings)
                    + rows(connection, "SELECT * FROM P");
        } finally {
            run(connection, "DROP TABLE P");
        }
    }

    private static Object counts(Statement statement) throws SQLException {
        try {
            return Arrays.toString(statement.executeLargeBatch());
        } catch (BatchUpdateException e) {
            return Arrays.toString(e.getLargeUpdateCounts()) + e.getMessage() + e.getNextException();
        }
    }

    static Map<String, Call> savepoints() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String name : List.of("A", "a b", "0", "SYSTEM")) {
            calls.put("named " + name, connection -> savepoint(connection, name, true));
            calls.put("not named " + name, connection -> savepoint(connection, name, false));
        }
        return calls;
    }

    private static String savepoint(Connection connection, String name, boolean isNamed) throws Exception {
        run(connection, "CREATE TABLE Q(ID INT)");
        connection.setAutoCommit(false);
        Savepoint one = isNamed ? connection.setSavepoint(name) : connection.setSavepoint();
        run(connection, "INSERT INTO Q VALUES (1)");
        Savepoint two = connection.setSavepoint();
        run(connection, "INSERT INTO Q VALUES (2)");
        String all = steps(
                        one::getSavepointName,
                        one::getSavepointId,
                        two::getSavepointName,
                        done(() -> connection.rollback(two)))
                + rows(connection, "SELECT * FROM Q")
                + steps(done(() -> connection.releaseSavepoint(one)), done(() -> connection.rollback(one)))
                + steps(done(() -> connection.releaseSavepoint(one)), done(() -> connection.rollback(two)))
                + steps(done(connection::commit), done(() -> connection.rollback(two)), two::getSavepointId);
        connection.setAutoCommit(true);
        String rows = rows(connection, "SELECT * FROM Q") + steps(connection::setSavepoint);
        run(connection, "DROP TABLE Q");
        return all + rows;
    }

    static Map<String, Call> escapes() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String sql : List.of(
                "CALL {fn LENGTH('a')}",
                "CALL {d '2020-01-02'}",
                "CALL {ts '2020-01-02 1:2:3'}",
                "CALL {t '1:2:3'}",
                "CALL {fn",
                "SELECT * FROM {oj DUAL}",
                "CALL '{fn}'")) {
            calls.put("native " + sql, connection -> connection.nativeSQL(sql));
            calls.put("run " + sql, connection -> rows(connection, sql));
        }
        return calls;
    }
}
