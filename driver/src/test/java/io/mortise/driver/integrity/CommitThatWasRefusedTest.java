package io.mortise.driver.integrity;

import static io.mortise.driver.integrity.Statements.execute;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.tools.TriggerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 refuses some statements that would end a transaction, and that goes on. At SERIALIZABLE it can still be told to
 * give way for what it does then.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class CommitThatWasRefusedTest {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url = "jdbc:mortise:mem:refused" + LAST.incrementAndGet() + ";LOCK_TIMEOUT=0";
    private Connection keeper;
    private Connection one;
    private Connection two;

    /** Tries what the row says, and hides that it was refused. */
    public static final class Tries extends TriggerAdapter {
        @Override
        public void fire(Connection connection, ResultSet before, ResultSet after) throws SQLException {
            attempt(connection, after.getString("TEXT"));
        }
    }

    @BeforeEach
    void twoDoctorsOnCall() throws SQLException {
        keeper = DriverManager.getConnection(url, "SA", "");
        execute(keeper, "CREATE TABLE DOCTORS(ID INT PRIMARY KEY, ON_CALL BOOLEAN)");
        execute(keeper, "INSERT INTO DOCTORS VALUES (1, TRUE), (2, TRUE)");
        execute(keeper, "CREATE TABLE NOTES(ID INT PRIMARY KEY, TEXT VARCHAR)");
        execute(keeper, "CREATE TABLE TRIED(ID INT PRIMARY KEY, TEXT VARCHAR)");
        execute(
                keeper,
                "CREATE TRIGGER TRIES AFTER INSERT ON TRIED FOR EACH ROW CALL '"
                        + CommitThatWasRefusedTest.Tries.class.getName() + "'");
        execute(keeper, "CREATE USER GUEST PASSWORD 'g'");
        execute(keeper, "GRANT ALL ON SCHEMA PUBLIC TO GUEST");
        one = serializable("GUEST", "g");
        two = serializable("SA", "");
    }

    private Connection serializable(String user, String password) throws SQLException {
        return Statements.serializable(DriverManager.getConnection(url, user, password));
    }

    @AfterEach
    void close() throws SQLException {
        one.close();
        two.close();
        keeper.close();
    }

    /** The SQLSTATE of its error, or ok. */
    private static String attempt(Connection connection, String sql) {
        try {
            execute(connection, sql);
            return "ok";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private static int onCall(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL")) {
            result.next();
            return result.getInt(1);
        }
    }

    /** Goes home if the other one is there. */
    private static void goHome(Connection doctor, int id) throws SQLException {
        if (onCall(doctor) > 1) {
            execute(doctor, "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = " + id);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHUTDOWN",
                "SHUTDOWN IMMEDIATELY",
                "SHUTDOWN COMPACT",
                "SHUTDOWN DEFRAG",
                "COMMIT TRANSACTION NOBODY",
                "ROLLBACK TRANSACTION NOBODY",
                "PREPARE COMMIT BRANCH",
                "SET EXCLUSIVE 1",
                "SET CLUSTER ''",
                "CHECKPOINT",
                "CREATE TABLE NOTES(ID INT)",
                "CREATE USER OTHER PASSWORD 'x'",
                "DROP TABLE NONE",
                "DROP TABLE INFORMATION_SCHEMA.TABLES",
                "TRUNCATE TABLE NONE",
                "ALTER TABLE NOTES ADD COLUMN ID INT",
                "INSERT INTO TRIED VALUES (1, 'COMMIT')",
                "INSERT INTO TRIED VALUES (1, 'SET AUTOCOMMIT TRUE')",
                "INSERT INTO TRIED VALUES (1, 'SHUTDOWN')",
                "INSERT INTO TRIED VALUES (1, 'SHUTDOWN IMMEDIATELY')",
                "INSERT INTO TRIED VALUES (1, 'PREPARE COMMIT BRANCH')",
                "INSERT INTO TRIED VALUES (1, 'CREATE TABLE NEW_ONE(ID INT)')",
                "INSERT INTO TRIED VALUES (1, 'CREATE TABLE NEW_ONE AS SELECT * FROM NOTES')",
                "INSERT INTO TRIED VALUES (1, 'DROP TABLE DOCTORS')",
                "INSERT INTO TRIED VALUES (1, 'SET LOCK_TIMEOUT 5')",
                "INSERT INTO TRIED VALUES (1, 'ANALYZE')",
                "EXECUTE IMMEDIATE 'SHUTDOWN IMMEDIATELY'",
                "EXECUTE IMMEDIATE 'COMMIT TRANSACTION NOBODY'",
            })
    void whatGoesOnThenIsLookedAt(String ending) throws SQLException {
        onCall(one);
        execute(one, "INSERT INTO NOTES VALUES (1, 'something written')");
        attempt(one, ending);
        goHome(two, 2);
        two.commit();

        try {
            goHome(one, 1);
            one.commit();
        } catch (SQLException e) {
            one.rollback();
        }

        assertThat(onCall(keeper)).isEqualTo(1);
    }

    /** What a trigger tries for nothing costs the transaction nothing, and runs again as often as it likes. */
    @ParameterizedTest
    @ValueSource(strings = {"COMMIT", "SET AUTOCOMMIT TRUE", "SHUTDOWN", "CREATE TABLE NEW_ONE(ID INT)"})
    void whoIsAloneGetsThrough(String tried) throws SQLException {
        onCall(one);
        execute(one, "INSERT INTO TRIED VALUES (1, '" + tried + "')");
        goHome(one, 1);
        one.commit();

        goHome(two, 2);
        two.commit();

        assertThat(onCall(keeper)).isEqualTo(1);
    }
}
