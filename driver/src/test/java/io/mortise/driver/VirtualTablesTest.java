package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mortise.engine.error.LockTimeoutException;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is true of all tables of the engine, whichever it is: columns, types, and what reading them costs. Through JDBC.
 */
@Timeout(120)
class VirtualTablesTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    private static List<String> rows(Statement statement, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                StringJoiner row = new StringJoiner(" ");
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IPE_ALLLOCKS | SESSION TNO USER_NAME TABLE_ID SCHEMA_NAME TABLE_NAME LOCK_TYPE LOCK_LEVEL ROW_HASH ROW_KEY STATUS REQUEST_TIME GRANT_TIME WAIT_MS BLOCKING_SESSION BLOCKING_TNO
            IPE_CURSESSIONS | SESSION SESSION_NAME USER_NAME LOGIN_TIME CLIENT_INFO MODE TNO STATE CURRENT_SQL STATEMENT_ID STATEMENT_START ABORT
            IPE_TRANSACTION | SESSION TNO EVENT EVENT_TIME
            IPE_COMMAND | SESSION TNO SEQ SQL_TEXT START_TIME END_TIME STATUS ROWS_AFFECTED BATCH_ROWS
            IPE_ERRORLOG | ID EVENT_TIME SESSION TNO CODE TEXT
            SYS.LOCK_STATS | SCHEMA_NAME TABLE_NAME WAITS WAIT_MS LONGEST_WAIT_MS TIMEOUTS DEADLOCKS PASSED_OVER HOTTEST_ROW SERIALIZATION_FAILURES
            SYS.PARAMETERS | PARAMETER SETTING DEFAULT_SETTING UNIT SCOPE DESCRIPTION
            SHOW_LOCKS() | STATEMENT_ID STATEMENT_STRING USERNAME SERVER PORT LOCKED_OBJECT LOCKMODE STATEMENT_START_TIME LOCK_START_TIME IS_STATEMENT_ACTIVE IS_SNAPSHOT_ACTIVE
            SYSTEM.PROCESSES | QUERY_ID USER_NAME ELAPSED QUERY SESSION_ID SESSION_NAME IS_CANCELLED READ_ROWS MEMORY_USAGE THREAD_NAME STATE STATEMENT_ID SESSION BATCH_ROWS
            SYSTEM.SESSIONS | SESSION_NAME USER_NAME SESSION CONNECTIONS HOLDER_QUERY_ID CLOSES_AT
            """)
    void aTableHasTheColumnsThatAreKnownByItsName(String table, String expected) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
            StringJoiner columns = new StringJoiner(" ");
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                columns.add(result.getMetaData().getColumnName(i));
            }
            assertThat(columns).hasToString(expected);
        }
    }

    @Test
    void timesHaveAZoneAndDurationsAreMilliseconds() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            String columns = "SELECT DISTINCT DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS"
                    + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM') AND ";
            assertThat(rows(statement, columns + "REGEXP_LIKE(COLUMN_NAME, '_(TIME|AT|SINCE|START)$')"))
                    .containsExactly("TIMESTAMP WITH TIME ZONE");
            assertThat(rows(statement, columns + "COLUMN_NAME LIKE '%\\_MS'")).containsExactly("BIGINT");
            assertThat(rows(statement, columns + "DATA_TYPE LIKE '%TIME%' AND DATA_TYPE <> 'TIMESTAMP WITH TIME ZONE'"))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mvcc", "kognitio", "sqream"})
    void readingThemTakesNoLockAndWaitsForNone(String policy) {
        try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=" + policy)) {
            database.setUp("CREATE TABLE T(ID INT PRIMARY KEY)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    .expectFinished();
            b.step("LOCK TABLE T IN EXCLUSIVE MODE").expectUpdated(0);

            a.step("SELECT COUNT(*) > 0 FROM SYS.LOCKS L JOIN SYS.SESSIONS S ON S.SESSION = L.SESSION"
                            + " LEFT JOIN SYS.LOCK_WAITS W ON W.SESSION = L.SESSION WHERE L.TABLE_NAME = 'T'")
                    .expectRows("TRUE");
            b.step("SELECT COUNT(*) FROM SYS.LOCKS WHERE SESSION = " + a.id()).expectRows("0");
            b.commit().expectFinished();
            a.commit().expectFinished();
        }
    }

    @ParameterizedTest
    @CsvSource({"mvcc, 2000", "kognitio, 86400000", "sqream, 3000"})
    void theLockTimeoutComesWithThePolicy(String policy, String millis) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url + ";LOCK_POLICY=" + policy);
                Statement statement = connection.createStatement()) {
            assertThat(rows(statement, "SELECT SETTING FROM SYS.PARAMETERS WHERE UPPER(PARAMETER) = 'LOCK_TIMEOUT'"))
                    .containsExactly(millis);
        }
    }

    @Test
    void aWaitThatFailedHasOneTextWithASentenceFirstForTheClientAndKognitiosLineFirstInTheErrorLog()
            throws SQLException {
        try (Connection holder = DriverManager.getConnection(url);
                Connection waiter = DriverManager.getConnection(url + ";LOCK_TIMEOUT=0");
                Statement statement = holder.createStatement();
                Statement waits = waiter.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            holder.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (1)");

            LockTimeoutException error =
                    catchThrowableOfType(LockTimeoutException.class, () -> waits.execute("DROP TABLE T"));

            assertThat(rows(statement, "SELECT TEXT FROM IPE_ERRORLOG ORDER BY ID DESC FETCH FIRST ROW ONLY"))
                    .containsExactly(withTheFirstTwoLinesExchanged(String.valueOf(error.getMessage())));
        }
    }

    private static String withTheFirstTwoLinesExchanged(String text) {
        String[] lines = text.split("\n", 3);
        return lines[1] + "\n  " + lines[0] + "\n" + lines[2];
    }

    @Test
    void whatIsNotSqlToH2HasAFunctionOnEveryRoute() throws SQLException {
        try (Connection ours = DriverManager.getConnection(url);
                Statement statement = ours.createStatement();
                Connection plain = DriverManager.getConnection(url.replace("mortise", "h2"));
                Statement route = plain.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            plain.setAutoCommit(false);

            assertThat(rows(route, "SELECT COLUMN_NAME FROM EXPLAIN_TABLE('IPE_TRANSACTION')"))
                    .containsExactly("SESSION", "TNO", "EVENT", "EVENT_TIME");
            assertThat(rows(route, "SELECT MODE FROM EXPLAIN_LOCKS('DELETE FROM T')"))
                    .containsExactly("IX", "X");
            route.execute("CALL LOCK_TABLE('T', 'EXCLUSIVE')");
            assertThat(rows(statement, "SELECT MODE FROM SYS.LOCKS WHERE TABLE_NAME = 'T'"))
                    .containsExactly("X");
            route.execute("CALL SET_PARAMETER('DEADLOCK_PRIORITY', '3')");
            route.execute("CALL ADVISORY_LOCK('mine')");
            assertThat(rows(route, "SELECT KILL_STATEMENT(123456, 'TEST')")).hasSize(1);
            assertThat(rows(route, "CALL STOP_STATEMENT(123456)")).containsExactly("executed");
            assertThat(rows(route, "SELECT * FROM SHOW_LOCKS()")).isNotEmpty();
            plain.commit();
            assertThat(rows(statement, "SELECT MODE FROM SYS.LOCKS")).isEmpty();
        }
    }
}
