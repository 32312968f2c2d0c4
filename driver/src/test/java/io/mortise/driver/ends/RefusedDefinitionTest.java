package io.mortise.driver.ends;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * A definition that cannot have its locks: what was open before it is open still, and rolled back if the client says
 * so. One that succeeds has committed it, as in H2.
 */
@Timeout(120)
public final class RefusedDefinitionTest {
    static final List<String> DEFINITIONS = List.of(
            "CREATE TABLE NEW_TABLE(ID INT)",
            "CREATE TABLE NEW_TABLE AS SELECT * FROM T",
            "CREATE CACHED GLOBAL TEMPORARY TABLE NEW_TABLE(ID INT)",
            "CREATE INDEX NEW_INDEX ON U(V)",
            "CREATE SEQUENCE NEW_SEQUENCE",
            "CREATE VIEW NEW_VIEW AS SELECT * FROM T",
            "CREATE SCHEMA NEW_SCHEMA",
            "CREATE DOMAIN NEW_DOMAIN AS INT",
            "CREATE ALIAS NEW_ALIAS FOR 'java.lang.Math.abs(int)'",
            "CREATE CONSTANT NEW_CONSTANT VALUE 1",
            "CREATE USER NEW_USER PASSWORD 'x'",
            "CREATE ROLE NEW_ROLE",
            "CREATE TRIGGER NEW_TRIGGER AFTER INSERT ON U FOR EACH ROW CALL '"
                    + ErrorInStatementTest.Planted.class.getName() + "'",
            "ALTER TABLE U ADD COLUMN W INT",
            "ALTER TABLE U DROP COLUMN V",
            "ALTER TABLE U RENAME TO U2",
            "ALTER TABLE U ADD CONSTRAINT NEW_CHECK CHECK (V >= 0)",
            "ALTER TABLE U ALTER COLUMN V SET DEFAULT 3",
            "ALTER INDEX OLD_INDEX RENAME TO NEW_INDEX",
            "ALTER VIEW OLD_VIEW RECOMPILE",
            "ALTER USER OLD_USER SET PASSWORD 'y'",
            "DROP TABLE U",
            "DROP INDEX OLD_INDEX",
            "DROP VIEW OLD_VIEW",
            "DROP SEQUENCE OLD_SEQUENCE",
            "DROP USER OLD_USER",
            "DROP SCHEMA OLD_SCHEMA CASCADE",
            "GRANT SELECT ON U TO OLD_USER",
            "REVOKE SELECT ON T FROM OLD_USER",
            "COMMENT ON TABLE U IS 'about U'",
            "ANALYZE",
            "SET DEFAULT_LOCK_TIMEOUT 4321",
            "SET MAX_LENGTH_INPLACE_LOB 300",
            "SET TRACE_MAX_FILE_SIZE 7");

    private interface Route {
        void run(Connection connection, String sql) throws SQLException;
    }

    private static final Map<String, Route> ROUTES = Map.of(
            "statement", RefusedDefinitionTest::execute,
            "prepared",
                    (connection, sql) -> {
                        try (PreparedStatement statement = connection.prepareStatement(sql)) {
                            statement.execute();
                        }
                    },
            "list", (connection, sql) -> execute(connection, sql + "; SELECT 1"),
            "later in a list", (connection, sql) -> execute(connection, "UPDATE T SET V = V; " + sql + "; SELECT 1"),
            "executed text", (connection, sql) -> execute(connection, executing(sql)),
            "executed text in another", (connection, sql) -> execute(connection, executing(executing(sql))),
            "prepared by name", (connection, sql) -> executeByName(connection, sql),
            "prepared by name, in a text", (connection, sql) -> executeByName(connection, executing(sql)),
            "H2's own", (connection, sql) -> execute(connection.unwrap(JdbcConnection.class), sql),
            "from a function",
                    (connection, sql) -> {
                        try (PreparedStatement call = connection.prepareStatement("CALL DEFINE(?)")) {
                            call.setString(1, sql);
                            call.execute();
                        }
                    });

    /** PREPARE commits what is open, as a definition. */
    private static void executeByName(Connection connection, String sql) throws SQLException {
        connection.rollback();
        execute(connection, "PREPARE P AS " + sql);
        execute(connection, "INSERT INTO T VALUES(1, 1)");
        execute(connection, "EXECUTE P");
    }

    private static String executing(String sql) {
        return "EXECUTE IMMEDIATE '" + sql.replace("'", "''") + "'";
    }

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    /** Called by H2. */
    public static boolean define(Connection connection, String sql) throws SQLException {
        execute(connection, sql);
        return true;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static Connection open(String url, String settings) throws SQLException {
        Connection connection = DriverManager.getConnection(url + settings, "sa", "");
        for (String sql : List.of(
                "CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY, V INT)",
                "CREATE TABLE U(ID INT PRIMARY KEY, V INT)",
                "CREATE INDEX OLD_INDEX ON U(V)",
                "CREATE SEQUENCE OLD_SEQUENCE",
                "CREATE VIEW OLD_VIEW AS SELECT * FROM T",
                "CREATE USER OLD_USER PASSWORD 'x'",
                "CREATE SCHEMA OLD_SCHEMA",
                "GRANT SELECT ON T TO OLD_USER",
                "CREATE ALIAS DEFINE FOR '" + RefusedDefinitionTest.class.getName() + ".define'")) {
            execute(connection, sql);
        }
        return connection;
    }

    static int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @TestFactory
    Stream<DynamicTest> whatWasOpenBeforeIsOpenStill() {
        return ROUTES.keySet().stream()
                .map(route -> dynamicTest(route, () -> areRefused(route, "", keeper -> url + ";LOCK_TIMEOUT=1")));
    }

    /** For a client of another process; a server runs here. */
    @TestFactory
    Stream<DynamicTest> whatWasOpenBeforeIsOpenStillOverTcp() {
        return Stream.of("statement", "prepared", "later in a list", "executed text", "from a function")
                .map(route -> dynamicTest(route, () -> areRefused(route, ";SERVE=tcp:0", this::served)));
    }

    private interface Address {
        String of(Connection keeper) throws SQLException;
    }

    private void areRefused(String route, String settings, Address address) throws Exception {
        try (Connection keeper = open(url, settings);
                Connection one = DriverManager.getConnection(address.of(keeper), "sa", "");
                Connection other = DriverManager.getConnection(url, "sa", "")) {
            one.setAutoCommit(false);
            Future<?> holder = holdCatalogue(other);
            try {
                for (String definition : DEFINITIONS) {
                    isRefused(keeper, one, route, definition);
                }
            } finally {
                letGo.countDown();
                holder.get();
            }
            execute(keeper, "DROP ALL OBJECTS");
        }
    }

    private String served(Connection keeper) throws SQLException {
        String parameter = "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'";
        try (Statement statement = keeper.createStatement();
                ResultSet serve = statement.executeQuery(parameter)) {
            serve.next();
            String server = "localhost" + serve.getString(1).replaceAll(".*:", ":");
            return url.replace("mortise:", "mortise:h2:tcp://" + server + "/") + ";LOCK_TIMEOUT=1";
        }
    }

    private static void isRefused(Connection keeper, Connection one, String name, String definition)
            throws SQLException {
        Route route = requireNonNull(ROUTES.get(name));
        execute(one, "INSERT INTO T VALUES(1, 1)");
        Throwable refusal = catchThrowable(() -> route.run(one, definition));
        assertThat(refusal).as(definition + " by " + name).isNotNull();
        assertThat(refusal.toString()).as(definition + " by " + name).contains("LockTimeout");
        assertThat(rows(one)).as(definition + ": open").isEqualTo(1);
        one.rollback();
        assertThat(rows(keeper)).as(definition + " by " + name + ": undone").isZero();
        assertThat(locksBeside(keeper, "CONSTANT")).as(definition + ": locks").isZero();
    }

    private static volatile CountDownLatch reached = new CountDownLatch(1);
    private static volatile CountDownLatch letGo = new CountDownLatch(1);
    private final ExecutorService worker = Executors.newSingleThreadExecutor();

    @AfterEach
    void end() {
        letGo.countDown();
        worker.shutdownNow();
    }

    /** Called by H2. */
    public static int hold() throws InterruptedException {
        reached.countDown();
        letGo.await();
        return 1;
    }

    /** By a definition that calls a function while it has the catalogue. Returns once it has. */
    private Future<?> holdCatalogue(Connection other) throws Exception {
        execute(other, "CREATE ALIAS HOLD FOR '" + RefusedDefinitionTest.class.getName() + ".hold'");
        reached = new CountDownLatch(1);
        letGo = new CountDownLatch(1);
        Future<?> holder = worker.submit(() -> {
            try {
                execute(other, "CREATE CONSTANT HELD VALUE HOLD()");
            } finally {
                reached.countDown();
            }
            return true;
        });
        reached.await();
        return holder;
    }

    private static int locksBeside(Connection keeper, String statement) throws SQLException {
        try (PreparedStatement locks = keeper.prepareStatement(
                "SELECT COUNT(*) FROM SYS.LOCKS WHERE SESSION NOT IN (SELECT SESSION FROM SYS.SESSIONS"
                        + " WHERE CURRENT_SQL LIKE ?)")) {
            locks.setString(1, "%" + statement + "%");
            try (ResultSet rows = locks.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    static int locks(Connection keeper) throws SQLException {
        try (Statement statement = keeper.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM SYS.LOCKS")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @TestFactory
    Stream<DynamicTest> oneThatSucceedsHasCommitted() {
        return Stream.of("statement", "later in a list", "from a function")
                .map(name -> dynamicTest(name, () -> {
                    for (String definition : DEFINITIONS) {
                        String fresh = url + System.nanoTime();
                        succeeds(fresh, requireNonNull(ROUTES.get(name)), definition);
                    }
                }));
    }

    private static void succeeds(String url, Route route, String definition) throws SQLException {
        assertThat(remaining(url, route, definition))
                .as(definition)
                .isEqualTo(remaining(url.replace("mortise", "h2"), route, definition));
    }

    private static int remaining(String url, Route route, String definition) throws SQLException {
        try (Connection keeper = open(url, "");
                Connection one = DriverManager.getConnection(url, "sa", "")) {
            one.setAutoCommit(false);
            execute(one, "INSERT INTO T VALUES(1, 1)");
            route.run(one, definition);
            one.rollback();
            if (url.contains("mortise")) {
                assertThat(locks(keeper)).as(definition + ": locks").isZero();
            }
            return rows(keeper);
        }
    }

    @TestFactory
    Stream<DynamicTest> aTableThatIsHeldRefusesTheDefinition() {
        return Stream.of("TRUNCATE TABLE U", "DROP TABLE U", "ALTER TABLE U ADD W INT", "CREATE INDEX I ON U(V)")
                .map(definition -> dynamicTest(definition, () -> {
                    try (Connection keeper = open(url, "");
                            Connection one = DriverManager.getConnection(url + ";LOCK_TIMEOUT=1", "sa", "");
                            Connection other = DriverManager.getConnection(url, "sa", "")) {
                        other.setAutoCommit(false);
                        one.setAutoCommit(false);
                        execute(other, "INSERT INTO U VALUES(7, 7)");
                        execute(one, "INSERT INTO T VALUES(1, 1)");
                        assertThatThrownBy(() -> execute(one, definition)).isInstanceOf(SQLException.class);
                        one.rollback();
                        assertThat(rows(keeper)).isZero();
                        other.commit();
                        execute(one, "INSERT INTO T VALUES(1, 1)");
                        execute(one, definition);
                        one.rollback();
                        assertThat(rows(keeper)).isEqualTo(1);
                        assertThat(locks(keeper)).isZero();
                        execute(keeper, "DROP ALL OBJECTS");
                    }
                }));
    }

    /** After its commit it fails for a reason of its own: nothing of it is there, and the locks are given back. */
    @Test
    void oneThatFailsForItselfHasCommittedAsInH2() throws SQLException {
        try (Connection keeper = open(url, "");
                Connection one = DriverManager.getConnection(url, "sa", "")) {
            one.setAutoCommit(false);
            execute(one, "INSERT INTO T VALUES(1, 1)");
            assertThatThrownBy(() -> execute(one, "CREATE TABLE U(ID INT)")).isInstanceOf(SQLException.class);
            assertThat(locks(keeper)).isZero();
            one.rollback();
            assertThat(rows(keeper)).isEqualTo(1);
        }
    }
}
