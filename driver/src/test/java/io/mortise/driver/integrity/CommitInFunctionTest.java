package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static io.mortise.driver.integrity.Statements.serializable;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A function may end the transaction of the statement that calls it. At SERIALIZABLE what the statement then read and
 * wrote would belong to none, so it may not while the statement is about tables.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class CommitInFunctionTest {
    private static final AtomicInteger LAST = new AtomicInteger();
    private static String url = "";
    private static boolean isEmpty;
    private static boolean isNoted;

    private Connection keeper;
    private Connection one;
    private Connection two;

    /** Runs a text, and hides that it was refused; returns whether it was not. */
    public static boolean attempt(Connection inside, String sql) {
        try {
            execute(inside, sql);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** The same by the methods of the connection. */
    public static boolean calls(Connection inside, String method) {
        try {
            switch (method) {
                case "commit" -> inside.commit();
                case "rollback" -> inside.rollback();
                default -> inside.setAutoCommit(true);
            }
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** Somebody writes the note who has seen that the log is empty. */
    public static boolean other() throws SQLException {
        try (Connection other = serializable(DriverManager.getConnection(url, "SA", ""))) {
            other.commit();
            isEmpty = value(other, "SELECT COUNT(*) FROM LOG") == 0;
            execute(other, "UPDATE NOTES SET TEXT = 'called' WHERE ID = 1");
            other.commit();
            isNoted = true;
        } catch (SQLException e) {
            isNoted = false;
        }
        return false;
    }

    /** Somebody alters the log, if he can. */
    public static boolean alters() {
        try (Connection other = DriverManager.getConnection(url, "SA", "")) {
            execute(other, "ALTER TABLE LOG ADD COLUMN IF NOT EXISTS Y INT");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** Meanwhile the other doctor goes home, if somebody stays. */
    public static boolean secondGoesHome() throws SQLException {
        try (Connection second = serializable(DriverManager.getConnection(url, "SA", ""))) {
            goHome(second, 2);
            second.commit();
        }
        return true;
    }

    /** A procedure that ends one transaction and begins another. */
    public static int procedure(Connection inside) throws SQLException {
        execute(inside, "UPDATE NOTES SET TEXT = 'seen' WHERE ID = 1");
        inside.commit();
        if (onCall(inside) > 1) {
            secondGoesHome();
            execute(inside, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = 1");
        }
        return 1;
    }

    @BeforeEach
    void twoDoctorsOnCall() throws SQLException {
        url = "jdbc:mortise:mem:inFunction" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=0";
        keeper = DriverManager.getConnection(url, "SA", "");
        String name = CommitInFunctionTest.class.getName();
        execute(keeper, "CREATE TABLE DOCTORS(ID INT PRIMARY KEY, ON_CALL BOOLEAN)");
        execute(keeper, "INSERT INTO DOCTORS VALUES (1, TRUE), (2, TRUE)");
        execute(keeper, "CREATE TABLE NOTES(ID INT PRIMARY KEY, TEXT VARCHAR)");
        execute(keeper, "INSERT INTO NOTES VALUES (1, '')");
        execute(keeper, "CREATE TABLE LOG(ID INT PRIMARY KEY, X BOOLEAN)");
        execute(keeper, "CREATE ALIAS ATTEMPT FOR '" + name + ".attempt'");
        execute(keeper, "CREATE ALIAS CALLS FOR '" + name + ".calls'");
        execute(keeper, "CREATE ALIAS SECOND_GOES_HOME FOR '" + name + ".secondGoesHome'");
        execute(keeper, "CREATE ALIAS OTHER FOR '" + name + ".other'");
        execute(keeper, "CREATE ALIAS PROC FOR '" + name + ".procedure'");
        one = serializable(DriverManager.getConnection(url, "SA", ""));
        two = serializable(DriverManager.getConnection(url, "SA", ""));
    }

    @AfterEach
    void close() throws SQLException {
        one.close();
        two.close();
        keeper.close();
    }

    private static int onCall(Connection connection) throws SQLException {
        return value(connection, "SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL");
    }

    private static int value(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getInt(1);
        }
    }

    private static void goHome(Connection doctor, int id) throws SQLException {
        if (onCall(doctor) > 1) {
            execute(doctor, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = " + id);
        }
    }

    /** The error of what is run and committed, or ok. */
    private static String attempted(Connection connection, String sql) throws SQLException {
        try {
            execute(connection, sql);
            connection.commit();
            return "ok";
        } catch (SQLException e) {
            connection.rollback();
            return e.getSQLState() + " " + e.getMessage();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ATTEMPT('COMMIT')",
                "ATTEMPT('ROLLBACK')",
                "ATTEMPT('SET AUTOCOMMIT TRUE')",
                "ATTEMPT('CREATE TABLE NEW_ONE(ID INT)')",
                "ATTEMPT('CREATE LOCAL TEMPORARY TABLE NEW_ONE(ID INT)')",
                "ATTEMPT('TRUNCATE TABLE NOTES')",
                "ATTEMPT('EXECUTE IMMEDIATE ''COMMIT''')",
                "ATTEMPT('EXECUTE IMMEDIATE ''CREATE TABLE NEW_ONE(ID INT)''')",
                "ATTEMPT('CALL ATTEMPT(''COMMIT'')')",
                "ATTEMPT('SELECT 1; COMMIT')",
                "ATTEMPT('SET MAX_MEMORY_ROWS 7777')",
                "CALLS('commit')",
                "CALLS('rollback')",
                "CALLS('setAutoCommit')",
            })
    void whatComesThenIsOfATransactionToo(String ends) throws SQLException {
        String outcome = attempted(
                one,
                "INSERT INTO LOG SELECT D.ID, N.TEXT = '' FROM DOCTORS D LEFT JOIN NOTES N ON N.ID = D.ID"
                        + " WHERE CASE WHEN D.ID = 1 THEN " + ends + " IS NOT NULL ELSE OTHER() END");

        boolean isFirst = outcome.equals("ok") && value(keeper, "SELECT COUNT(*) FROM LOG WHERE X") == 1;
        boolean isLast = isNoted && isEmpty;
        assertThat(isFirst && isLast).as(outcome).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO NOTES SELECT 2, CALLS('commit') FROM DOCTORS WHERE ID = 1",
                "DELETE FROM NOTES WHERE CALLS('commit')",
                "MERGE INTO NOTES KEY(ID) VALUES (1, CALLS('commit'))",
                "SELECT CALLS('commit') FROM DOCTORS",
                "SELECT * FROM (SELECT CALLS('commit') FROM DOCTORS) D",
                "CALL (SELECT MAX(CALLS('commit')) FROM DOCTORS)",
                "EXECUTE IMMEDIATE 'UPDATE NOTES SET TEXT = CALLS(''commit'')'",
                "CREATE TABLE COPY AS SELECT CALLS('commit') X FROM DOCTORS",
                "SELECT * FROM FINAL TABLE (UPDATE NOTES SET TEXT = CALLS('commit'))"
            })
    void theTransactionGoesOn(String statement) throws SQLException {
        execute(one, "INSERT INTO NOTES VALUES (7, 'mine')");
        if (!statement.startsWith("CREATE")) {
            execute(one, statement);
            assertThat(value(keeper, "SELECT COUNT(*) FROM NOTES WHERE ID = 7")).isZero();
            one.rollback();
            assertThat(value(keeper, "SELECT COUNT(*) FROM NOTES WHERE ID = 7")).isZero();
        } else {
            execute(one, statement);
            assertThat(value(keeper, "SELECT COUNT(*) FROM COPY WHERE X")).isZero();
        }
    }

    /** It reads no table itself: each of its transactions is one that the others know. */
    @ParameterizedTest
    @ValueSource(strings = {"CALL PROC()", "SELECT PROC()", "CALL PROC() + PROC()"})
    void aProcedureMayCommit(String call) throws SQLException {
        String outcome = attempted(one, call);

        assertThat(onCall(keeper)).as(outcome).isEqualTo(1);
        assertThat(value(keeper, "SELECT COUNT(*) FROM NOTES WHERE TEXT = 'seen'"))
                .isEqualTo(1);
    }

    /** The rows would be in the table as it was before it was altered, and lost with that. */
    @ParameterizedTest
    @ValueSource(strings = {"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void noRowIsLostToWhoAltersItsTableMeanwhile(String level) throws SQLException {
        execute(keeper, "CREATE ALIAS ALTERS FOR '" + CommitInFunctionTest.class.getName() + ".alters'");
        execute(one, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);

        String outcome = attempted(one, "INSERT INTO LOG SELECT ID, CALLS('commit') AND ALTERS() IS NULL FROM DOCTORS");

        assertThat(outcome).isEqualTo("ok");
        assertThat(value(keeper, "SELECT COUNT(*) FROM LOG")).isEqualTo(2);
    }

    /** As in H2. */
    @Test
    void atOtherLevelsItMay() throws SQLException {
        try (Connection committed = DriverManager.getConnection(url, "SA", "")) {
            committed.setAutoCommit(false);
            execute(committed, "INSERT INTO NOTES VALUES (7, 'mine')");
            execute(committed, "SELECT CALLS('commit') FROM DOCTORS");
            committed.rollback();
        }

        assertThat(value(keeper, "SELECT COUNT(*) FROM NOTES WHERE ID = 7")).isEqualTo(1);
    }
}
