package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** EXPLAIN, EXPLAIN LOCKS, SET PARAMETER and other words for H2, through JDBC. */
@Timeout(120)
class AddedStatementsTest {
    @Test
    void explainListsTheColumnsOfATable() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE TABLE ACCOUNTS(ID INT)");
            TestSession a = database.session("a");
            assertThat(a.step("explain ipe_alllocks;").expectFinished().result().rows())
                    .anyMatch(row -> row.startsWith("SESSION | "))
                    .anyMatch(row -> row.startsWith("LOCK_LEVEL | "));
            a.step("EXPLAIN NOWHERE").expectError("42S02");
            a.step("EXPLAIN SELECT 1").expectFinished();
        }
    }

    @Test
    void explainLocksSaysWhatWouldBeLockedAndForWhomItWouldWait() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");

            String explain = "EXPLAIN LOCKS UPDATE ACCOUNTS SET BALANCE = 0";
            assertThat(b.step(explain).expectFinished().result().rows())
                    .satisfiesExactly(
                            table -> assertThat(table).contains("PUBLIC | ACCOUNTS | EX | TAB | IX | FALSE"),
                            rows -> assertThat(rows)
                                    .contains("exclusive locks on the rows it changes in table PUBLIC.ACCOUNTS("));
            a.step("LOCK TABLE ACCOUNTS IN SHARE MODE").expectUpdated(0);
            assertThat(b.step(explain).expectFinished().result().rows().get(0))
                    .contains("PUBLIC | ACCOUNTS | EX | TAB | IX | TRUE | " + a.id());
            a.commit().expectFinished();
            b.commit().expectFinished();
        }
    }

    @Test
    void explainLocksNamesTheRowWhoseKeyIsGivenAndWhoHasIt() {
        try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=kognitio")) {
            database.setUp(
                    "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                    "INSERT INTO ACCOUNTS VALUES (1, 0), (2, 0)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1").expectUpdated(1);

            assertThat(explained(b, "UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1"))
                    .satisfiesExactly(
                            table -> assertThat(table).contains("PUBLIC | ACCOUNTS | EX | TAB | IX | FALSE"),
                            row -> assertThat(row)
                                    .contains("1 exclusive lock on row PUBLIC.ACCOUNTS(ID=1)")
                                    .contains("PUBLIC | ACCOUNTS | EX | ROW | X | TRUE | " + a.id()));
            assertThat(explained(b, "DELETE FROM ACCOUNTS WHERE ID = 2").get(1))
                    .contains("1 exclusive lock on row PUBLIC.ACCOUNTS(ID=2)")
                    .contains("PUBLIC | ACCOUNTS | EX | ROW | X | FALSE");
            assertThat(explained(b, "SELECT * FROM ACCOUNTS WHERE ID = 2 FOR UPDATE")
                            .get(1))
                    .contains("1 exclusive lock on row PUBLIC.ACCOUNTS(ID=2)");
            assertThat(explained(b, "UPDATE ACCOUNTS SET BALANCE = 0 WHERE BALANCE = 1")
                            .get(0))
                    .contains("PUBLIC | ACCOUNTS | EX | TAB | X | TRUE | " + a.id());
            b.commit().expectFinished();
            a.commit().expectFinished();
        }
    }

    @Test
    void explainLocksTakesTheKeyFromAParameter() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:explainkey");
                Statement setUp = connection.createStatement()) {
            setUp.execute("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
            setUp.execute("INSERT INTO ACCOUNTS VALUES (1, 0), (2, 0)");
            try (PreparedStatement explain =
                    connection.prepareStatement("EXPLAIN LOCKS DELETE FROM ACCOUNTS WHERE ID = ?")) {
                explain.setInt(1, 2);

                try (ResultSet steps = explain.executeQuery()) {
                    assertThat(steps.next()).isTrue();
                    assertThat(steps.next()).isTrue();
                    assertThat(steps.getString("DESCRIPTION"))
                            .isEqualTo("1 exclusive lock on row PUBLIC.ACCOUNTS(ID=2)");
                }
            }
        }
    }

    private static List<String> explained(TestSession session, String statement) {
        return session.step("EXPLAIN LOCKS " + statement)
                .expectFinished()
                .result()
                .rows();
    }

    @Test
    void setParameterChangesTheDatabaseOrTheSession() {
        try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=kognitio")) {
            TestSession a = database.session("a");
            a.step("SET PARAMETER lkti = 20").expectUpdated(0);
            a.step("SELECT SETTING FROM SYS.PARAMETERS WHERE UPPER(PARAMETER) = 'LKTI'")
                    .expectRows("20");
            a.step("SET DEADLOCK_PRIORITY -5").expectUpdated(0);
            a.step("SET DEADLOCK_PRIORITY 11").expectError("22023");
            a.step("SET PARAMETER nonsense = 1").expectError("22023");
            a.step("SET PARAMETER SESSION_ID = x").expectError("22023");
            a.commit().expectFinished();
        }
    }

    @Test
    void currentSessionAndTableFunctionsWorkAsVendorsWriteThem() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            a.step("SELECT CURRENT_SESSION").expectRows(Integer.toString(a.id()));
            a.step("SELECT SHOW_LOCKS()").expectFinished();
            a.commit().expectFinished();
        }
    }

    @Test
    void aSyntaxErrorOfOursIsASqlSyntaxError() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:h2:mem:", "sa", "");
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("LOCK TABEL T IN SHARE MODE"))
                    .isInstanceOf(SQLSyntaxErrorException.class)
                    .hasMessageContaining("LOCK [*]TABEL T");
        }
    }
}
