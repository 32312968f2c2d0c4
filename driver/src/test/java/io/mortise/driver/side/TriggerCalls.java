package io.mortise.driver.side;

import static io.mortise.driver.side.Steps.rows;
import static io.mortise.driver.side.Steps.run;
import static io.mortise.driver.side.Steps.steps;

import io.mortise.driver.side.Calls.Call;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/**
 * The group of triggers written in Java: each kind of them, for rows and for statements, in autocommit and not, while
 * they do what the value of a row tells them. Stateless.
 */
final class TriggerCalls {
    private static final List<String> KINDS = List.of(
            "BEFORE INSERT",
            "AFTER INSERT",
            "BEFORE UPDATE",
            "AFTER UPDATE",
            "BEFORE DELETE",
            "AFTER DELETE",
            "BEFORE INSERT, UPDATE",
            "AFTER INSERT, ROLLBACK",
            "BEFORE SELECT",
            "AFTER INSERT, UPDATE, DELETE");

    private static final List<String> DEEDS =
            List.of("nothing", "throw", "break", "change", "commit", "undo", "log", "define", "update");

    /** What the triggers of this process have been told. */
    private static final List<String> TOLD = Collections.synchronizedList(new ArrayList<>());

    private TriggerCalls() {}

    static Map<String, Call> all() {
        Map<String, Call> calls = new LinkedHashMap<>();
        for (String kind : KINDS) {
            for (String scope : List.of(" FOR EACH ROW", " FOR EACH STATEMENT")) {
                calls.put(kind + scope + ", autocommit", connection -> deeds(connection, kind + " ON T" + scope, true));
                calls.put(kind + scope, connection -> deeds(connection, kind + " ON T" + scope, false));
            }
        }
        return calls;
    }

    private static String deeds(Connection connection, String trigger, boolean isAutoCommit) throws Exception {
        TOLD.clear();
        run(
                connection,
                "CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR)",
                "CREATE TABLE L(I INT)",
                "INSERT INTO T VALUES (1, 'a'), (2, 'b')");
        StringBuilder text = new StringBuilder(steps(
                () -> rows(connection, "CREATE TRIGGER G " + trigger + " CALL '" + Obedient.class.getName() + "'")));
        connection.setAutoCommit(isAutoCommit);
        for (String deed : DEEDS) {
            for (String sql : List.of(
                    "INSERT INTO T VALUES (3, '" + deed + "')",
                    "UPDATE T SET V = '" + deed + "' WHERE ID = 2",
                    "MERGE INTO T VALUES (2, '" + deed + "')",
                    "MERGE INTO T VALUES (4, '" + deed + "')",
                    "INSERT INTO T SELECT ID + 10, '" + deed + "' FROM T WHERE ID < 3",
                    "SELECT V FROM T ORDER BY ID",
                    "DELETE FROM T WHERE ID > 2",
                    "SELECT COUNT(*) FROM L")) {
                text.append(steps(() -> rows(connection, sql))).append(TOLD);
            }
        }
        for (String sql : List.of(
                "ROLLBACK",
                "ALTER TABLE T ADD COLUMN W INT",
                "INSERT INTO T VALUES (9, 'log', 1)",
                "TRUNCATE TABLE T",
                "DROP TRIGGER IF EXISTS G",
                "DROP TABLE T, L",
                "DROP TABLE IF EXISTS Z")) {
            text.append(steps(() -> rows(connection, sql))).append(TOLD);
        }
        connection.setAutoCommit(true);
        return text.toString();
    }

    /** Does what the value of the new row tells it. */
    public static final class Obedient implements Trigger {
        private String name = "";

        /** For H2. */
        public Obedient() {}

        @Override
        public void init(
                Connection connection, String schema, String trigger, String table, boolean isBefore, int type) {
            name = trigger;
            TOLD.add("init " + schema + "." + trigger + " on " + table + " " + isBefore + " " + type);
        }

        @Override
        public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
                throws SQLException {
            TOLD.add(name + Arrays.toString(before) + Arrays.toString(after) + connection.getAutoCommit());
            if (after == null) {
                return;
            }
            switch (String.valueOf(after[1])) {
                case "throw" -> throw new SQLException("thrown", "77777", 7);
                case "break" -> throw new IllegalStateException("broken");
                case "change" -> after[1] = "changed";
                case "commit" -> connection.commit();
                case "log" -> run(connection, "INSERT INTO L VALUES (2)");
                case "define" -> run(connection, "CREATE TABLE Z(I INT)");
                case "update" -> run(connection, "UPDATE T SET V = 'x' WHERE ID = 1");
                case "undo" -> undo(connection);
                default -> {}
            }
        }

        private static void undo(Connection connection) throws SQLException {
            Savepoint before = connection.setSavepoint();
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO L VALUES (1)");
            }
            connection.rollback(before);
        }

        @Override
        public void close() {
            TOLD.add("close " + name);
        }

        @Override
        public void remove() {
            TOLD.add("remove " + name);
        }
    }
}
