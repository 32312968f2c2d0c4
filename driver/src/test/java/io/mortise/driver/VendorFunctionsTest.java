package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQream's functions and ClickHouse's KILL QUERY, through JDBC, as their users call them. */
@Timeout(120)
class VendorFunctionsTest {
    private static final String UPDATE = "UPDATE T SET A = 1 WHERE ID = 1";

    private static Interleaving rows(String... settings) {
        return Interleaving.inMemory(settings)
                .setUp("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES(1, 0), (2, 0)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "STOP_STATEMENT(123456)",
                "RELEASE_DEFUNCT_LOCKS()",
                "RELEASE_DEFUNCT_LOCKS(60)",
                "REMOVE_LOCK('table$nothing', 123456)",
                "REMOVE_STATEMENT_LOCKS(123456)"
            })
    void aFunctionThatReturnsAWordCanBeCalledInThreeWays(String call) {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            a.step("SELECT " + call).expectRows("executed");
            a.step("SELECT * FROM " + call).expectRows("executed");
            a.step("CALL " + call).expectRows("executed");
            a.step("SELECT * FROM SYS." + call + " X WHERE 1 = 1").expectRows("executed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHOW_LOCKS()", "SHOW_CONNECTIONS()", "SHOW_SERVER_STATUS()"})
    void aFunctionThatReturnsATableCanBeCalledInThreeWays(String call) {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            a.step(UPDATE).expectUpdated(1);
            for (String form : List.of("SELECT ", "SELECT * FROM ", "CALL ")) {
                assertThat(a.step(form + call).expectFinished().result().rows()).isNotEmpty();
            }
        }
    }

    @Test
    void defunctLocksOfAThreadThatHasDiedInAStatementAreReleased() throws Exception {
        try (Connection admin = DriverManager.getConnection(DEFUNCT);
                Statement statement = admin.createStatement();
                Connection defunct = DriverManager.getConnection(DEFUNCT)) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, A INT)");
            statement.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 10000)");
            Thread dies = new Thread(() -> updatesAndBeginsToRead(defunct), "dies");
            dies.start();
            dies.join();
            assertThat(locks(statement))
                    .as("a row that is changed, in a transaction")
                    .isPositive();

            statement.execute("SELECT RELEASE_DEFUNCT_LOCKS(3600)");
            assertThat(locks(statement)).as("it has not run for an hour").isPositive();
            statement.execute("SELECT RELEASE_DEFUNCT_LOCKS()");

            assertThat(locks(statement)).isZero();
            assertThat(statement.executeUpdate(UPDATE)).as("the row is free").isEqualTo(1);
        }
    }

    private static final String DEFUNCT = "jdbc:mortise:mem:defunct;LAZY_QUERY_EXECUTION=1";

    private static void updatesAndBeginsToRead(Connection connection) {
        try {
            connection.setAutoCommit(false);
            connection.createStatement().execute(UPDATE);
            connection.createStatement().executeQuery("SELECT A FROM T").next();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static int locks(Statement statement) throws SQLException {
        try (ResultSet locks = statement.executeQuery("SELECT COUNT(*) FROM SYS.LOCKS WHERE TABLE_NAME = 'T'")) {
            locks.next();
            return locks.getInt(1);
        }
    }

    @Test
    void removingTheLocksOfAStatementThatHasOnlyRowsRollsItsTransactionBack() {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(UPDATE).expectUpdated(1);
            a.step("UPDATE T SET A = 1 WHERE ID = 2").expectUpdated(1);
            String ofTheSecond = "SELECT STATEMENT_ID FROM SYS.LOCKS WHERE ROW_KEY = 'ID=2'";
            String id = b.step(ofTheSecond).expectFinished().result().rows().get(0);

            b.step("SELECT REMOVE_STATEMENT_LOCKS(" + id + ")").expectRows("executed");

            b.step("SELECT COUNT(*) FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW'").expectRows("0");
            b.step("SELECT SUM(A) FROM T").expectRows("0");
        }
    }

    @Test
    void killTestTellsAndKillSyncReturnsWhenTheStatementHasEnded() {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(UPDATE).expectUpdated(1);
            b.step("UPDATE T SET A = 2 WHERE ID = 2").expectUpdated(1);
            Step waits = b.step(UPDATE).expectBlockedBy("a");
            String where = "KILL QUERY WHERE state = 'LOCK WAIT' AND user = 'SA' ";

            a.step(where + "TEST").expectFinished();
            assertThat(a.lastStep().orElseThrow().result().rows().get(0)).startsWith("unknown_status | ");
            waits.expectBlockedBy("a");
            a.step(where + "SYNC").expectFinished();
            assertThat(a.lastStep().orElseThrow().result().rows().get(0)).startsWith("finished | ");

            waits.expectError("57014");
            b.step("SELECT A FROM T ORDER BY ID").expectRows("0", "2");
        }
    }

    @Test
    void killAsyncReturnsAtOnceAndTheStatementIsShownAsCancelled() {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(UPDATE).expectUpdated(1);
            Step waits = b.step(UPDATE).expectBlockedBy("a");
            a.step("SELECT IS_CANCELLED FROM SYSTEM.PROCESSES WHERE STATE = 'LOCK WAIT'")
                    .expectRows("0");

            a.step("KILL QUERY WHERE session_id = " + b.id()).expectFinished();
            assertThat(a.lastStep().orElseThrow().result().rows().get(0)).startsWith("waiting | ");

            waits.expectError("57014");
            a.step("KILL QUERY WHERE session_id = " + b.id()).expectRows();
        }
    }

    @Test
    void killQuerySparesItself() {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(UPDATE).expectUpdated(1);
            Step waits = b.step(UPDATE).expectBlockedBy("a");

            a.step("KILL QUERY WHERE TRUE ASYNC").expectFinished();
            assertThat(a.lastStep().orElseThrow().result().rows()).hasSize(1);

            waits.expectError("57014");
            a.step("SELECT A FROM T WHERE ID = 1").expectRows("1");
        }
    }

    @Test
    void aKillThatIsPreparedTakesParameters() {
        try (Interleaving database = rows()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step(UPDATE).expectUpdated(1);
            Step waits = b.step(UPDATE).expectBlockedBy("a");

            a.step("prepared", connection -> {
                        try (var kill = connection.prepareStatement("KILL QUERY WHERE session_id = ? SYNC")) {
                            kill.setInt(1, b.id());
                            kill.execute();
                        }
                    })
                    .expectFinished();

            waits.expectError("57014");
        }
    }

    @Test
    void removingTheLocksOfAStatementRollsItsTransactionBack() {
        try (Interleaving database = rows("LOCK_POLICY=sqream")) {
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("DELETE FROM T WHERE ID = 1").expectUpdated(1);
            Step waits = b.step("DELETE FROM T").expectBlockedBy("a");
            database.setUp("SET @HOLDER = (SELECT STATEMENT_ID FROM SHOW_LOCKS()"
                    + " WHERE LOCKED_OBJECT LIKE 'table$%$Update')");

            database.expectRows("SELECT REMOVE_STATEMENT_LOCKS(@HOLDER)", "executed");

            waits.expectUpdated(2);
            b.rollback().expectFinished();
            a.rollback().expectFinished();
        }
    }
}
