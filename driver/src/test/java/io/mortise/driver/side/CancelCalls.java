package io.mortise.driver.side;

import static io.mortise.driver.side.Steps.rows;
import static io.mortise.driver.side.Steps.run;

import io.mortise.driver.side.Calls.Call;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The group of cancels: a function cancels, at the seven hundredth of a thousand rows, the statement that has called
 * it. No thread and no clock takes part. The words of the error are ours, so its state and code are what is compared.
 * Stateless but for the statement that is to be cancelled.
 */
final class CancelCalls {
    private static final int STOP_AT = 700;

    private static final List<String> STATEMENTS = List.of(
            "SELECT MAX(STOP(ID)) FROM T",
            "SELECT STOP(ID) FROM T ORDER BY 1",
            "SELECT DISTINCT STOP(ID) / 10 FROM T",
            "SELECT V, COUNT(STOP(ID)) FROM T GROUP BY V",
            "SELECT ID FROM T WHERE STOP(ID) > 0 FOR UPDATE",
            "SELECT COUNT(*) FROM T A JOIN T B ON A.ID = STOP(B.ID)",
            "SELECT STOP(ID) FROM T UNION SELECT STOP(-ID) FROM T",
            "WITH R(N) AS (SELECT 1 UNION ALL SELECT STOP(N + 1) FROM R WHERE N < 2000) SELECT COUNT(*) FROM R",
            "INSERT INTO L SELECT STOP(ID) FROM T",
            "INSERT INTO L DIRECT SELECT STOP(ID) FROM T",
            "UPDATE T SET V = STOP(ID)",
            "DELETE FROM T WHERE STOP(ID) > 0",
            "MERGE INTO L KEY (I) SELECT STOP(ID) FROM T",
            "MERGE INTO L USING T ON L.I = T.ID WHEN NOT MATCHED THEN INSERT VALUES (STOP(T.ID))",
            "SELECT ID FROM FINAL TABLE (UPDATE T SET V = STOP(ID))",
            "CREATE TABLE N AS SELECT STOP(ID) I FROM T");

    private static final AtomicReference<@Nullable Statement> RUNNING = new AtomicReference<>();

    private CancelCalls() {}

    static Map<String, Call> all() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String sql : STATEMENTS) {
            for (boolean isAutoCommit : new boolean[] {true, false}) {
                String name = sql + (isAutoCommit ? ", autocommit" : "");
                calls.put(name, connection -> cancelled(connection, sql, isAutoCommit));
                calls.put(name + ", prepared", connection -> cancelledPrepared(connection, sql, isAutoCommit));
            }
        }
        calls.put("what does not run", CancelCalls::idle);
        calls.put("another statement", CancelCalls::another);
        calls.put("behind a savepoint", CancelCalls::behindASavepoint);
        return calls;
    }

    /** Cancels what is put there, when it meets its row. */
    public static final class Stop {
        private Stop() {}

        /** For H2. */
        public static long at(long row) throws SQLException {
            Statement running = row == STOP_AT ? RUNNING.getAndSet(null) : null;
            if (running != null) {
                running.cancel();
            }
            return row;
        }
    }

    private static void setUp(Connection connection, boolean isAutoCommit) throws SQLException {
        run(
                connection,
                "DROP TABLE IF EXISTS T, L, N",
                "CREATE ALIAS IF NOT EXISTS STOP FOR '" + Stop.class.getName() + ".at'",
                "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
                "CREATE TABLE L(I INT PRIMARY KEY)",
                "INSERT INTO T SELECT X, X / 100 FROM SYSTEM_RANGE(1, 1000)");
        connection.setAutoCommit(isAutoCommit);
        if (!isAutoCommit) {
            run(connection, "INSERT INTO L VALUES (-1)");
        }
    }

    private static String cancelled(Connection connection, String sql, boolean isAutoCommit) throws Exception {
        setUp(connection, isAutoCommit);
        try (Statement statement = connection.createStatement()) {
            RUNNING.set(statement);
            return answer(() -> statement.execute(sql))
                    + state(connection)
                    + answer(() -> statement.execute(sql))
                    + ended(connection);
        }
    }

    private static String cancelledPrepared(Connection connection, String sql, boolean isAutoCommit) throws Exception {
        setUp(connection, isAutoCommit);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            RUNNING.set(statement);
            return answer(statement::execute) + state(connection) + answer(statement::execute) + ended(connection);
        }
    }

    /** Nothing is kept for the next execution. */
    private static String idle(Connection connection) throws Exception {
        setUp(connection, true);
        try (PreparedStatement statement = connection.prepareStatement("SELECT MAX(STOP(ID)) FROM T")) {
            statement.cancel();
            String text = answer(statement::execute);
            statement.cancel();
            text += answer(statement::execute);
            statement.close();
            return text
                    + answer(() -> {
                        statement.cancel();
                        return true;
                    })
                    + ended(connection);
        }
    }

    private static String another(Connection connection) throws Exception {
        setUp(connection, true);
        try (PreparedStatement other = connection.prepareStatement("SELECT COUNT(*) FROM T");
                Statement statement = connection.createStatement()) {
            other.execute();
            RUNNING.set(other);
            return answer(() -> statement.execute("UPDATE T SET V = STOP(ID)"))
                    + answer(other::execute)
                    + ended(connection);
        }
    }

    private static String behindASavepoint(Connection connection) throws Exception {
        setUp(connection, false);
        var before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            run(connection, "INSERT INTO L VALUES (-2)");
            RUNNING.set(statement);
            String text = answer(() -> statement.execute("UPDATE T SET V = STOP(ID)")) + state(connection);
            connection.rollback(before);
            return text + state(connection) + ended(connection);
        }
    }

    private interface Execution {
        boolean run() throws SQLException;
    }

    private static String answer(Execution execution) {
        try {
            return execution.run() + "; ";
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getErrorCode() + " " + kind(e.getClass()) + "; ";
        }
    }

    /** The class that the interface of JDBC has for it. */
    private static String kind(Class<?> type) {
        return type.getName().startsWith("java.sql.") ? type.getSimpleName() : kind(type.getSuperclass());
    }

    private static String state(Connection connection) throws SQLException {
        return connection.getAutoCommit() + " "
                + rows(connection, "SELECT COUNT(*), SUM(V) FROM T")
                + rows(connection, "SELECT COUNT(*), SUM(I) FROM L")
                + rows(connection, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'N'") + "; ";
    }

    private static String ended(Connection connection) throws SQLException {
        RUNNING.set(null);
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return state(connection);
    }
}
