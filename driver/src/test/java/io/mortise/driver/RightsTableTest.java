package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.setting.Scope;
import io.mortise.engine.setting.Setting;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who sees what, and who may do what: every column of every table, every function and every setting of the database,
 * for an administrator, the role LOCK_SYSTEM, the owner of the locks, a reader of the table and nobody. What is new
 * fails here until it has a line.
 */
@Timeout(240)
final class RightsTableTest {
    /** What the map has, which it must have. */
    private static <V> V of(Map<String, V> map, String key) {
        return Objects.requireNonNull(map.get(key), key);
    }

    private static final String DATABASE = "jdbc:mortise:h2:mem:rights-table";
    private static final List<String> USERS = List.of("SA", "OPS", "OWNER", "READER", "NOBODY");

    /** Stands in every statement of OWNER's, also in its shape. */
    private static final String STATEMENT = "sql-text";

    private static final String KEY = "key-";
    private static final String NAME = "adv-";

    /**
     * A line a table: what may show statements (administrators, and their own user), keys (also who may read the
     * table), the hash of a key, both in a text, where code stands, or shapes of statements (administrators only);
     * behind the bar, what is for everybody and shows none of these.
     */
    private static final String COLUMNS = """
            SYS.BLOCKING_TREE: SQL_TEXT=SQL TREE=TEXT WAITS_FOR=TEXT | BLOCKED_COUNT DEPTH EDGE_KIND PATH ROOT_SESSION \
            SESSION STATE TNO USER_NAME WAITED_MS
            SYS.DEADLOCKS: CALL_SITE=CODE GRAPH_DOT=TEXT GRAPH_JSON=TEXT HOLDS=TEXT SCRIPT=TEXT SQL_TEXT=SQL \
            WAITS_FOR=TEXT | CYCLE_ORDER DEADLOCK_ID EDGE_KIND EVENT_TIME ROWS_CHANGED SESSION THREAD_NAME TNO USER_NAME \
            VICTIM WAITS_FOR_SESSION
            SYS.DEADLOCK_SHAPES: SHAPE=SQL | DEADLOCKS LAST_DEADLOCK_ID LAST_TIME ROWS_LOST TIME_LOST_MS
            SYS.ERRORS: SQL_TEXT=SQL TEXT=TEXT | CODE EVENT_TIME ID SESSION SQLSTATE SQL_LENGTH TNO USER_NAME
            SYS.IPE_ALLLOCKS: ROW_HASH=HASH ROW_KEY=KEY | BLOCKING_SESSION BLOCKING_TNO GRANT_TIME LOCK_LEVEL LOCK_TYPE \
            REQUEST_TIME SCHEMA_NAME SESSION STATUS TABLE_ID TABLE_NAME TNO USER_NAME WAIT_MS
            SYS.IPE_BLOCKING_LOCKS_REPORT: BLOCKING_SQL=SQL LOCKED=TEXT SQL_TEXT=SQL | BLOCKING_SESSION BLOCKING_USER \
            SESSION WAIT_MS
            SYS.IPE_COMMAND: SQL_TEXT=SQL | BATCH_ROWS END_TIME ROWS_AFFECTED SEQ SESSION START_TIME STATUS TNO
            SYS.IPE_CURSESSIONS: CURRENT_SQL=SQL | ABORT CLIENT_INFO LOGIN_TIME MODE SESSION SESSION_NAME STATE \
            STATEMENT_ID STATEMENT_START TNO USER_NAME
            SYS.IPE_ERRORLOG: TEXT=TEXT | CODE EVENT_TIME ID SESSION TNO
            SYS.IPE_LOCKS_REPORT: LOCKED=TEXT SQL_TEXT=SQL | BLOCKING_SESSION SESSION STATUS USER_NAME WAIT_MS
            SYS.IPE_TRANSACTION: | EVENT EVENT_TIME SESSION TNO
            SYS.LOCKS: ROW_KEY=KEY ROW_HASH=HASH ACQUIRED_BY=SQL CALL_SITE=CODE | ACQUIRED_AT BLOCKING_SESSION \
            BLOCKING_TNO FACET IS_IMPLICIT LOCK_LEVEL LOCK_TYPE MODE PASSED_OVER REQUESTED_AT SCHEMA_NAME SESSION \
            STATEMENT_ID STATUS TABLE_ID TABLE_NAME TARGET_KIND THREAD_NAME TNO USER_NAME WAITED_MS
            SYS.LOCK_ORDER: FIRST_SQL=SHAPE INVERSE_FIRST_SQL=SHAPE INVERSE_THEN_SQL=SHAPE THEN_SQL=SHAPE | FIRST_LOCK \
            FIRST_TABLE INVERTED THEN_LOCK THEN_TABLE TRANSACTIONS
            SYS.LOCK_STATS: HOTTEST_ROW=KEY | DEADLOCKS LONGEST_WAIT_MS PASSED_OVER SCHEMA_NAME SERIALIZATION_FAILURES TABLE_NAME TIMEOUTS \
            WAITS WAIT_MS
            SYS.LOCK_WAITS: BLOCKING_CALL_SITE=CODE BLOCKING_LAST_SQL=SQL BLOCKING_SQL=SQL OUTER_SQL=SQL ROW_KEY=KEY SQL_TEXT=SQL | \
            BLOCKING_BRANCH BLOCKING_IDLE_MS BLOCKING_MODE BLOCKING_SESSION BLOCKING_STATE BLOCKING_THREAD BLOCKING_TNO \
            BLOCKING_TRANSACTION_MS BLOCKING_USER EDGE_KIND MODE PASSED_OVER SCHEMA_NAME SESSION TABLE_NAME TARGET_KIND \
            THREAD_NAME TNO USER_NAME WAITED_MS
            SYS.LOCK_WAIT_HISTORY: BLOCKING_SQL=SQL ROW_KEY=KEY SQL_TEXT=SQL | BEGIN_TIME BLOCKERS BLOCKING_MODE \
            BLOCKING_SESSION BLOCKING_TNO BLOCKING_USER EDGE_KIND END_TIME MODE OUTCOME SCHEMA_NAME SESSION TABLE_NAME \
            TARGET_KIND THREAD_NAME TNO USER_NAME WAITED_MS
            SYS.PARAMETERS: | DEFAULT_SETTING DESCRIPTION PARAMETER SCOPE SETTING UNIT
            SYS.SERIALIZATION_FAILURES: GRAPH_DOT=TEXT GRAPH_JSON=TEXT READ_PLACE=TEXT READ_SQL=SQL SCRIPT=SQL SHAPE=SQL \
            WROTE_PLACE=TEXT WROTE_SQL=SQL | CONFLICT_ORDER EVENT_TIME FAILURE_ID HINT KIND READER_SESSION READER_TNO READER_USER \
            READ_THREAD SESSION TNO USER_NAME WHY WRITER_SESSION WRITER_TNO WRITER_USER WROTE_THREAD
            SYS.SESSIONS: BLOCKED_ON=CODE BORROW_SITE=CODE CALL_SITE=CODE CURRENT_SQL=SQL INNER_SQL=SQL LAST_SQL=SQL | ABORT BLOCKED_BY BLOCKING_COUNT \
            CLIENT_INFO ISOLATION LOCKS_HELD LOGIN_TIME MODE ROWS_CHANGED SESSION SESSION_NAME STATE STATEMENT_ID \
            STATEMENT_START STATE_SINCE THREAD_NAME TNO USER_NAME
            SYS.SHOW_CONNECTIONS(): STMT=SQL | CONN_ID CONN_START_TIME IP STMT_ID STMT_START_TIME
            SYS.SHOW_LOCKS(): STATEMENT_STRING=SQL | IS_SNAPSHOT_ACTIVE IS_STATEMENT_ACTIVE LOCKED_OBJECT LOCKMODE \
            LOCK_START_TIME PORT SERVER STATEMENT_ID STATEMENT_START_TIME USERNAME
            SYS.SHOW_SERVER_STATUS(): STATEMENT=SQL | CLIENTIP CONNECTION_ID DATABASE_NAME INSTANCE SERVERIP SERVERPORT \
            SERVICE STATEMENTID STATEMENTSTARTTIME STATEMENTSTATUS STATEMENTSTATUSSTART USER_NAME
            SYS.STATEMENTS: SQL_TEXT=SQL | BATCH_ROWS DURATION_MS END_TIME ERROR_CODE QUERY_ID ROWS_AFFECTED SEQ SESSION SQL_LENGTH \
            START_TIME STATEMENT_ID STATUS THREAD_NAME TNO USER_NAME
            SYS.TRANSACTIONS: | DURATION_MS END_TIME SESSION START_TIME STATUS TNO USER_NAME
            SYSTEM.PROCESSES: QUERY=SQL | BATCH_ROWS ELAPSED IS_CANCELLED MEMORY_USAGE QUERY_ID READ_ROWS SESSION SESSION_ID \
            SESSION_NAME STATE STATEMENT_ID THREAD_NAME USER_NAME
            SYSTEM.SESSIONS: | CLOSES_AT CONNECTIONS HOLDER_QUERY_ID SESSION SESSION_NAME USER_NAME
            """;

    /** Who may call a function with effect on others; the rest is everybody's, on their own session. */
    private static final Map<String, String> FUNCTIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("SYS.LOCK_TABLE", "who may read or write the table"),
            Map.entry("SYS.LOCK_SYSTEM", "LOCK_SYSTEM"),
            Map.entry("SYS.UNLOCK_SYSTEM", "everybody"),
            Map.entry("SYS.ADVISORY_LOCK", "everybody"),
            Map.entry("SYS.ADVISORY_UNLOCK", "everybody"),
            Map.entry("SYS.SESSION_LOCK", "everybody"),
            Map.entry("SYS.SESSION_UNLOCK", "everybody"),
            Map.entry("SYS.SET_PARAMETER", "see settings"),
            Map.entry("SYS.STOP_STATEMENT", "own"),
            Map.entry("SYS.KILL_STATEMENT", "own"),
            Map.entry("SYS.KILL_SESSION", "own"),
            Map.entry("SYS.CLOSE_SESSION", "everybody"),
            Map.entry("SYS.RELEASE_DEFUNCT_LOCKS", "LOCK_SYSTEM"),
            Map.entry("SYS.REMOVE_LOCK", "administrators"),
            Map.entry("SYS.REMOVE_STATEMENT_LOCKS", "administrators"),
            Map.entry("SYS.EXPLAIN_LOCKS", "who may run the statement"),
            Map.entry("SYS.EXPLAIN_TABLE", "everybody"),
            Map.entry("SYS.SHOW_LOCKS", "see columns"),
            Map.entry("SYS.SHOW_CONNECTIONS", "see columns"),
            Map.entry("SYS.SHOW_SERVER_STATUS", "see columns")));

    private final Interleaving database = Interleaving.over(DATABASE)
            .setUp(
                    "CREATE TABLE SECRET(SSN VARCHAR PRIMARY KEY, V INT)",
                    "CREATE TABLE OTHER(ID INT PRIMARY KEY, V INT)",
                    "CREATE ALIAS NESTED FOR '" + Nested.class.getName() + ".run'",
                    "INSERT INTO SECRET VALUES('key-1', 0), ('key-2', 0)",
                    "INSERT INTO OTHER VALUES(1, 0)",
                    "CREATE USER OPS PASSWORD 'x'",
                    "CREATE USER OWNER PASSWORD 'x'",
                    "CREATE USER READER PASSWORD 'x'",
                    "CREATE USER NOBODY PASSWORD 'x'",
                    "GRANT LOCK_SYSTEM TO OPS",
                    "GRANT SELECT, UPDATE ON SECRET TO OWNER",
                    "GRANT SELECT, UPDATE ON OTHER TO OWNER",
                    "GRANT SELECT ON SECRET TO READER");

    private final TestSession a = database.session("a");
    private final TestSession b = database.session("b");
    private final TestSession c = database.session("c");

    @BeforeEach
    void logIn() {
        for (TestSession session : List.of(a, b, c)) {
            session.step("CONNECT OWNER 'x'").expectFinished();
            session.step("SET AUTOCOMMIT OFF").expectFinished();
        }
    }

    @AfterEach
    void end() {
        a.rollback().expectFinished();
        database.close();
    }

    @Test
    void everyColumnShowsWhatItsReaderMaySeeAndNoMore() throws SQLException {
        play();
        Map<String, String> kinds = kinds();
        Map<String, Map<String, Set<String>>> seen = new TreeMap<>();
        for (String user : USERS) {
            seen.put(user, seenBy(user));
        }

        List<String> wrong = new ArrayList<>();
        for (String column : of(seen, "SA").keySet()) {
            String kind = kinds.get(column);
            if (kind == null) {
                wrong.add("no line for " + column + ", in which an administrator sees " + of(of(seen, "SA"), column));
                continue;
            }
            for (String user : USERS) {
                Set<String> more = new TreeSet<>(of(of(seen, user), column));
                more.removeAll(maySee(user, kind));
                if (!more.isEmpty()) {
                    wrong.add(user + " sees " + more + " in " + column);
                }
            }
            if (Set.of("SQL", "KEY", "TEXT", "HASH", "SHAPE").contains(kind)
                    && of(of(seen, "SA"), column).isEmpty()
                    && of(of(seen, "OWNER"), column).isEmpty()) {
                wrong.add("neither an administrator nor the owner sees anything in " + column
                        + ": the scene does not show it");
            }
        }
        Set<String> gone = new TreeSet<>(kinds.keySet());
        gone.removeAll(of(seen, "SA").keySet());
        gone.forEach(column -> wrong.add("there is no " + column));

        assertThat(String.join("\n", wrong)).isEmpty();
    }

    @Test
    void whoMayReadTheTableSeesItsKeysAndNobodyThatTheyAreHidden() throws SQLException {
        play();

        assertThat(seenBy("READER"))
                .containsEntry("SYS.LOCKS.ROW_KEY", Set.of(KEY))
                .containsEntry("SYS.LOCK_WAITS.ROW_KEY", Set.of(KEY))
                .containsEntry("SYS.LOCK_STATS.HOTTEST_ROW", Set.of(KEY))
                .containsEntry("SYS.DEADLOCKS.GRAPH_JSON", Set.of(KEY));
        assertThat(answer("READER", "SELECT TREE FROM SYS.BLOCKING_TREE"))
                .anyMatch(line -> line.contains("SECRET(SSN='key-1')"));
        assertThat(answer("NOBODY", "SELECT TREE FROM SYS.BLOCKING_TREE"))
                .anyMatch(line -> line.contains("SECRET(hidden)"));
        assertThat(answer("NOBODY", "SELECT TEXT FROM SYS.ERRORS"))
                .anyMatch(line -> String.valueOf(line).endsWith(" on name (hidden)"));
    }

    /** What a user has left behind, be it still at work, is not for the next who has the name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP USER OWNER; CREATE USER OWNER PASSWORD 'x'",
                "DROP USER OWNER; ALTER USER NOBODY RENAME TO OWNER; ALTER USER OWNER SET PASSWORD 'x'",
                "ALTER USER OWNER RENAME TO FORMER; CREATE USER OWNER PASSWORD 'x'"
            })
    void aNameGivenAgainIsAnotherUser(String change) throws SQLException {
        play();
        try (Connection former = connect("OWNER");
                Statement formers = former.createStatement();
                Connection shared = DriverManager.getConnection(DATABASE + ";SESSION_ID=own", "OWNER", "x");
                Statement inShared = shared.createStatement()) {
            inShared.execute("CREATE LOCAL TEMPORARY TABLE MINE(ID INT)");
            database.setUp(change);

            assertThat(seenBy("OWNER").values()).allMatch(Set::isEmpty);
            assertThat(answer("OWNER", "SELECT COUNT(*) FROM SYS.LOCK_WAITS WHERE USER_NAME = 'OWNER'"))
                    .doesNotContain("0");
            assertThat(codeOf("OWNER", "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE STATE = 'LOCK WAIT'"))
                    .isEqualTo(90096);
            assertThat(answer("OWNER", "KILL QUERY WHERE user = 'OWNER' AND STATE = 'LOCK WAIT' TEST"))
                    .isNotEmpty()
                    .allMatch(status -> status.equals("cant_cancel"));
            try (Connection next = DriverManager.getConnection(DATABASE + ";SESSION_ID=own", "OWNER", "x");
                    Statement statement = next.createStatement()) {
                assertThat(code(() -> statement.execute("SELECT * FROM MINE"))).isEqualTo(42102);
                statement.execute("SELECT 'of-the-next'");
                if (change.startsWith("DROP")) { // H2 lets a session of nobody's read nothing.
                    assertThat(code(() -> formers.execute("SELECT * FROM SYS.STATEMENTS")))
                            .isNotZero();
                } else {
                    assertThat(strings(formers, "SELECT SQL_TEXT FROM SYS.STATEMENTS WHERE USER_NAME = 'OWNER'"))
                            .anyMatch(sql -> sql != null && sql.contains(STATEMENT))
                            .noneMatch(sql -> sql != null && sql.contains("of-the-next"));
                }
            }
            assertThat(codeOf("SA", "UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION_NAME = 'own'"))
                    .isZero(); // Else they keep the database.
        }
    }

    private static Set<String> maySee(String user, String kind) {
        boolean isAdmin = user.equals("SA");
        boolean isOwn = user.equals("OWNER");
        return switch (kind) {
            case "SQL", "CODE" -> isAdmin || isOwn ? Set.of(STATEMENT, KEY, NAME) : Set.of();
            case "SHAPE" -> isAdmin ? Set.of(STATEMENT) : Set.of();
            case "KEY", "TEXT" ->
                isAdmin || isOwn ? Set.of(STATEMENT, KEY, NAME) : user.equals("READER") ? Set.of(KEY) : Set.of();
            case "HASH" -> isAdmin || isOwn || user.equals("READER") ? Set.of("hash") : Set.of();
            default -> Set.of();
        };
    }

    @Test
    void everyFunctionHasALine() throws SQLException {
        try (Connection admin = connect("SA");
                Statement statement = admin.createStatement()) {
            assertThat(strings(
                            statement,
                            "SELECT ROUTINE_SCHEMA || '.' || ROUTINE_NAME FROM INFORMATION_SCHEMA.ROUTINES"
                                    + " WHERE ROUTINE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY 1"))
                    .containsExactlyElementsOf(FUNCTIONS.keySet());
        }
    }

    @Test
    void whatReachesOthersIsRefusedToThoseWhoMayNot() throws SQLException {
        play();
        long waiting;
        try (Connection admin = connect("SA");
                Statement statement = admin.createStatement()) {
            waiting = Long.parseLong(
                    strings(statement, "SELECT MAX(STATEMENT_ID) FROM SYSTEM.PROCESSES WHERE STATE = 'LOCK WAIT'")
                            .get(0));
        }
        for (String user : List.of("OPS", "READER", "NOBODY")) {
            assertThat(codeOf(user, "SELECT STOP_STATEMENT(" + waiting + ")")).isEqualTo(90096);
            assertThat(codeOf(user, "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE USER_NAME = 'OWNER'"))
                    .isEqualTo(90096);
            assertThat(codeOf(user, "SELECT REMOVE_STATEMENT_LOCKS(" + waiting + ")"))
                    .isEqualTo(90096);
            assertThat(codeOf(user, "SELECT REMOVE_LOCK('x', " + waiting + ")")).isEqualTo(90096);
            // A condition on what is hidden finds nothing; one on what is not finds it, and ends nothing.
            assertThat(answer(user, "KILL QUERY WHERE query LIKE '%sql-text%' AND user = 'OWNER' TEST"))
                    .isEmpty();
            assertThat(answer(user, "KILL QUERY WHERE user = 'OWNER' TEST"))
                    .isNotEmpty()
                    .allMatch(status -> status.equals("cant_cancel"));
            for (String statement : List.of(
                    "UPDATE SECRET SET V = 1 WHERE SSN = 'key-1'",
                    "INSERT INTO SECRET VALUES('key-1', 0)",
                    "MERGE INTO SECRET VALUES('key-1', 0)",
                    "DELETE FROM SECRET",
                    "TRUNCATE TABLE SECRET",
                    "DROP TABLE SECRET",
                    "CREATE INDEX I ON SECRET(V)")) {
                assertThat(codeOf(user, "EXPLAIN LOCKS " + statement))
                        .as(statement)
                        .isEqualTo(90096);
            }
            assertThat(codeOf(user, "EXPLAIN LOCKS SELECT * FROM SECRET FOR UPDATE"))
                    .isEqualTo(user.equals("READER") ? 0 : 90096);
            assertThat(codeOf(user, "LOCK TABLE SECRET IN EXCLUSIVE MODE")).isEqualTo(90096);
            assertThat(codeOf(user, "SELECT RELEASE_DEFUNCT_LOCKS()")).isEqualTo(user.equals("OPS") ? 0 : 90096);
            assertThat(codeOf(user, "LOCK SYSTEM")).isEqualTo(user.equals("OPS") ? 90135 : 90096);
        }
    }

    @Test
    void everySettingOfTheDatabaseIsForThoseWhomItIsFor() throws SQLException {
        List<Setting<?>> settings = Setting.all().stream()
                .filter(setting -> setting.scope() == Scope.DATABASE)
                .toList();
        for (Setting<?> setting : settings) {
            String value = setting.isAdministrators() ? "" : current(setting);
            String set = "CALL SYS.SET_PARAMETER('" + setting + "', '"
                    + (setting == Setting.EVENT_KEYS || setting == Setting.JMX ? "false" : value) + "')";
            int toOps = setting.isAdministrators() ? 90040 : 0;
            assertThat(codeOf("SA", set)).as("SA " + set).isZero();
            assertThat(codeOf("OPS", set)).as("OPS " + set).isEqualTo(toOps);
            assertThat(codeOf("NOBODY", set)).as("NOBODY " + set).isEqualTo(toOps == 0 ? 90096 : toOps);
        }
        assertThat(settings.stream().filter(Setting::isAdministrators).map(Setting::name))
                .contains("SERVE", "LOCK_LOG", "EVENT_KEYS", "JMX");
    }

    @Test
    void whatIsForAdministratorsInAUrlMakesNoConnectionForOthers() throws SQLException {
        for (String setting : List.of("SERVE=tcp:0", "LOCK_LOG=missing/lock.log", "EVENT_KEYS=TRUE", "JMX=TRUE")) {
            for (String user : List.of("OPS", "NOBODY")) {
                assertThat(code(() -> DriverManager.getConnection(DATABASE + ";" + setting, user, "x")
                                .close()))
                        .as(user + " " + setting)
                        .isEqualTo(90040);
            }
        }
        database.expectRows("SELECT COUNT(*) FROM SYS.SESSIONS WHERE USER_NAME IN ('OPS', 'NOBODY')", "0");
        database.expectRows(
                "SELECT COUNT(*) FROM SYS.PARAMETERS WHERE PARAMETER IN ('serve', 'lock_log') AND SETTING <> ''", "0");
    }

    @Test
    void theSameOverTheNetwork() throws SQLException {
        assertThat(codeOf("SA", "SET PARAMETER SERVE = 'tcp:0'")).isZero();
        String address =
                "jdbc:mortise:h2:" + current(Setting.SERVE).replace("tcp:", "tcp://localhost:") + "/mem:rights-table";
        for (String setting : List.of("SERVE=tcp:0", "LOCK_LOG=missing/lock.log", "EVENT_KEYS=TRUE", "JMX=TRUE")) {
            assertThat(code(() -> DriverManager.getConnection(address + ";" + setting, "OPS", "x")
                            .close()))
                    .as(setting)
                    .isEqualTo(90040);
        }
        try (Connection remote = DriverManager.getConnection(address, "OPS", "x");
                Statement statement = remote.createStatement()) {
            assertThat(code(() -> statement.execute("SET PARAMETER LOCK_LOG = 'lock.log'")))
                    .isEqualTo(90040);
        }
    }

    /** A function that runs a statement inside the one that calls it. */
    public static final class Nested {
        private Nested() {}

        /** For H2. */
        public static boolean run(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        }
    }

    private void play() {
        failToSerialize();
        update(a, 1).expectUpdated(1);
        update(b, 2).expectUpdated(1);
        var crossing = update(a, 2).expectWaiting();
        update(b, 1).expectError("40001");
        crossing.expectUpdated(1);
        other(a).expectUpdated(1);
        a.commit().expectFinished();
        other(a).expectUpdated(1);
        update(a, 1).expectUpdated(1);
        a.commit().expectFinished();
        a.step("SELECT 1 / 0 AS \"sql-text\"").expectError("22012");
        a.step("SELECT ADVISORY_LOCK('adv-1') AS \"sql-text\"").expectFinished();
        update(a, 1).expectUpdated(1);
        b.step("SET LOCK_TIMEOUT 0").expectFinished();
        b.step("SELECT ADVISORY_LOCK('adv-1') AS \"sql-text\"").expectError("HYT00");
        update(b, 1).expectError("HYT00");
        b.step("SET LOCK_TIMEOUT 3600000").expectFinished();
        c.step("SELECT NESTED('SELECT ADVISORY_LOCK(''adv-1'') AS \"sql-text\"') AS \"sql-text\"")
                .expectWaiting();
        update(b, 1).expectWaiting();
    }

    /** Each has read what the other writes. */
    private void failToSerialize() {
        for (TestSession session : List.of(a, b)) {
            session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                    .expectFinished();
        }
        a.step("SELECT V AS \"sql-text\" FROM SECRET WHERE SSN = 'key-1'").expectRows("0");
        b.step("SELECT V AS \"sql-text\" FROM SECRET WHERE SSN = 'key-2'").expectRows("0");
        update(a, 2).expectUpdated(1);
        update(b, 1).expectUpdated(1);
        a.commit().expectFinished();
        b.commit().expectError("40001");
        for (TestSession session : List.of(a, b)) {
            session.step("READ COMMITTED", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED))
                    .expectFinished();
        }
    }

    private static io.mortise.testkit.Step update(TestSession session, int key) {
        return session.step("UPDATE SECRET \"sql-text\" SET V = V + 1 WHERE SSN = 'key-" + key + "'");
    }

    private static io.mortise.testkit.Step other(TestSession session) {
        return session.step("UPDATE OTHER \"sql-text\" SET V = V + 1 WHERE ID = 1");
    }

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new TreeMap<>();
        for (String line : COLUMNS.lines().toList()) {
            String table = line.substring(0, line.indexOf(':'));
            for (String word :
                    line.substring(table.length() + 1).replace('|', ' ').strip().split(" +")) {
                String[] parts = word.split("=");
                kinds.put(table + "." + parts[0], parts.length == 1 ? "PUBLIC" : parts[1]);
            }
        }
        return kinds;
    }

    /** What of the secret words this user sees, by column. */
    private static Map<String, Set<String>> seenBy(String user) throws SQLException {
        Map<String, Set<String>> seen = new TreeMap<>();
        try (Connection connection = connect(user);
                Statement statement = connection.createStatement()) {
            List<String> tables = strings(
                    statement,
                    "SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                            + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY 1");
            Stream<String> functions = FUNCTIONS.entrySet().stream()
                    .filter(entry -> entry.getValue().equals("see columns"))
                    .map(entry -> entry.getKey() + "()");
            for (String table : Stream.concat(tables.stream(), functions).toList()) {
                look(statement, table, seen);
            }
        }
        return seen;
    }

    private static void look(Statement statement, String table, Map<String, Set<String>> seen) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            int columns = rows.getMetaData().getColumnCount();
            for (int i = 1; i <= columns; i++) {
                seen.put(table + "." + rows.getMetaData().getColumnName(i), new TreeSet<>());
            }
            while (rows.next()) {
                for (int i = 1; i <= columns; i++) {
                    String name = rows.getMetaData().getColumnName(i);
                    of(seen, table + "." + name).addAll(secretsIn(name, String.valueOf(rows.getString(i))));
                }
            }
        }
    }

    private static Set<String> secretsIn(String column, String value) {
        Set<String> found =
                Stream.of(STATEMENT, KEY, NAME).filter(value::contains).collect(Collectors.toSet());
        boolean isHash = column.equals("ROW_HASH")
                && !value.equals("null")
                && !value.equals(Integer.toString(Integer.MIN_VALUE));
        if (isHash) {
            found.add("hash");
        }
        return found;
    }

    private static Connection connect(String user) throws SQLException {
        return DriverManager.getConnection(DATABASE, user, user.equals("SA") ? "" : "x");
    }

    private static String current(Setting<?> setting) throws SQLException {
        try (Connection admin = connect("SA");
                Statement statement = admin.createStatement()) {
            return strings(
                            statement,
                            "SELECT SETTING FROM SYS.PARAMETERS WHERE REPLACE(UPPER(PARAMETER), '_', '') = '"
                                    + setting.name().replace("_", "") + "'")
                    .get(0);
        }
    }

    private interface Call {
        void run() throws SQLException;
    }

    private static int code(Call call) {
        try {
            call.run();
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }

    private static int codeOf(String user, String sql) throws SQLException {
        try (Connection connection = connect(user);
                Statement statement = connection.createStatement()) {
            return code(() -> statement.execute(sql));
        }
    }

    private static List<String> answer(String user, String sql) throws SQLException {
        try (Connection connection = connect(user);
                Statement statement = connection.createStatement()) {
            return strings(statement, sql);
        }
    }

    private static List<String> strings(Statement statement, String sql) throws SQLException {
        List<String> strings = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                strings.add(result.getString(1));
            }
        }
        return strings.stream().collect(Collectors.toCollection(ArrayList::new));
    }
}
