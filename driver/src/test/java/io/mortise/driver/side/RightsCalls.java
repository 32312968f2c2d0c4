package io.mortise.driver.side;

import static io.mortise.driver.side.Steps.run;

import io.mortise.driver.side.Calls.Call;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The group of rights: a statement that is prepared and has run, and whose user loses a right, or what it reads, before
 * it runs again. Stateless but for the number of the next database.
 */
final class RightsCalls {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static final List<String> STATEMENTS = List.of(
            "SELECT V FROM T WHERE ID = 1",
            "SELECT SUM(V) FROM T",
            "SELECT * FROM T FOR UPDATE",
            "SELECT ID FROM T WHERE EXISTS (SELECT 1 FROM O WHERE O.ID = T.ID)",
            "SELECT V FROM W",
            "INSERT INTO T SELECT MAX(ID) + 1, 0 FROM T",
            "UPDATE T SET V = V + 1 WHERE ID = 1",
            "DELETE FROM T WHERE ID = (SELECT MAX(ID) FROM T)",
            "MERGE INTO T KEY (ID) VALUES (1, 5)",
            "UPDATE O SET V = (SELECT MAX(V) FROM T)",
            "SELECT F()");

    private static final List<String> CHANGES = List.of(
            "REVOKE ALL ON T FROM U",
            "REVOKE SELECT ON T FROM U",
            "REVOKE ALL ON O FROM U",
            "REVOKE ALL ON W FROM U",
            "ALTER USER U ADMIN FALSE",
            "DROP TABLE T CASCADE; CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
            "DROP VIEW W; CREATE VIEW W AS SELECT V FROM T",
            "ALTER TABLE T RENAME TO T9",
            "DROP ALIAS F");

    /** How the user has the rights. */
    private static final Map<String, String> WAYS = Map.of(
            "own", "GRANT ALL ON T, O, W TO U",
            "of a role", "CREATE ROLE R; GRANT ALL ON T, O, W TO R; GRANT R TO U",
            "an administrator's", "ALTER USER U ADMIN TRUE");

    private RightsCalls() {}

    static Map<String, Call> all() {
        Map<String, Call> calls = new LinkedHashMap<>();
        WAYS.forEach((way, grant) -> STATEMENTS.forEach(sql -> calls.put(sql + ", rights " + way, connection -> {
            StringBuilder text = new StringBuilder();
            for (String change : CHANGES) {
                text.append(
                        way.equals("of a role")
                                ? scene(connection, sql, grant, change.replace("FROM U", "FROM R"))
                                : scene(connection, sql, grant, change));
            }
            return text.toString();
        })));
        return calls;
    }

    /** A function that everybody may call. */
    public static final class One {
        private One() {}

        /** For H2. */
        public static int one() {
            return 1;
        }
    }

    private static String scene(Connection connection, String sql, String grant, String change) throws SQLException {
        String url = connection.getMetaData().getURL() + "R" + DATABASES.incrementAndGet();
        try (Connection admin = DriverManager.getConnection(url, "sa", "")) {
            run(
                    admin,
                    "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
                    "INSERT INTO T VALUES (1, 1), (2, 2)",
                    "CREATE TABLE O(ID INT PRIMARY KEY, V INT)",
                    "INSERT INTO O VALUES (1, 1)",
                    "CREATE VIEW W AS SELECT V FROM T",
                    "CREATE ALIAS F FOR '" + One.class.getName() + ".one'",
                    "CREATE USER U PASSWORD 'u'");
            run(admin, grant.split("; "));
            try (Connection user = DriverManager.getConnection(url, "U", "u");
                    PreparedStatement prepared = user.prepareStatement(sql)) {
                String before = answer(prepared) + answer(prepared);
                run(admin, change.split("; "));
                String text = before + "| " + answer(prepared) + answer(prepared) + "| ";
                try (PreparedStatement again = user.prepareStatement(sql)) {
                    return text + answer(again) + "\n";
                } catch (SQLException e) {
                    return text + e.getErrorCode() + "\n";
                }
            }
        }
    }

    private static String answer(PreparedStatement statement) {
        try {
            return statement.execute() ? Steps.rows(statement.getResultSet()) + " " : statement.getUpdateCount() + " ";
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getErrorCode() + " ";
        }
    }
}
