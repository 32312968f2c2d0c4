package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is not right is refused with a word on where and what was expected, in the client's own text; and nothing has
 * happened.
 */
@Timeout(120)
class BadInputTest {
    private static final String SYNTAX = "42000";
    private static final String VALUE = "22023";

    private final Interleaving database = Interleaving.inMemory()
            .setUp(
                    "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                    "INSERT INTO ACCOUNTS VALUES(1, 100), (2, 100)",
                    "CREATE TABLE \"My \"\"odd\"\" table\"(ID INT)");

    private TestSession a = database.session("a");

    @BeforeEach
    void begin() {
        a.step("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1").expectUpdated(1);
    }

    /** Nobody has lost or gained a lock, and the transaction that was open goes on. */
    @AfterEach
    void nothingHasHappened() {
        database.expectRows("SELECT DISTINCT LOCK_LEVEL, ROW_KEY FROM IPE_ALLLOCKS", "ROW | ID=1");
        a.commit().expectFinished();
        database.expectRows("SELECT BALANCE FROM ACCOUNTS ORDER BY ID", "0", "100");
        database.close();
    }

    private static String refused(Step step, String sqlState) {
        return String.valueOf(step.expectError(sqlState).getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOCK TABEL ACCOUNTS IN SHARE MODE | LOCK [*]TABEL ACCOUNTS | expected TABLE or SYSTEM, found TABEL",
                "LOCK TABLE ACCOUNTS SHARE MODE | ACCOUNTS [*]SHARE MODE | expected IN or a comma, found SHARE",
                "LOCK TABLE ACCOUNTS IN ROW MODE | IN [*]ROW MODE | expected SHARE or EXCLUSIVE, found ROW",
                "LOCK TABLE ACCOUNTS IN SHARE | IN SHARE[*] | expected MODE, found the end",
                "LOCK TABLE ACCOUNTS IN SHARE MODE WAIT -1 | WAIT [*]-1 | expected a number of seconds from 0 to",
                "LOCK TABLE ACCOUNTS, IN SHARE MODE | ACCOUNTS, [*]IN | expected the name of a table, found IN",
                "LOCK SYSTEM NOW | LOCK SYSTEM [*]NOW | expected the end of the statement, found NOW",
                "KILL QUERY | KILL QUERY[*] | expected WHERE, found the end",
                "KILL QUERY WHERE | KILL QUERY WHERE[*] | expected a condition on SYSTEM.PROCESSES",
                "KILL ALL | KILL [*]ALL | expected QUERY or SESSION, found ALL",
                "SET PARAMETER = 5 | SET PARAMETER [*]= 5 | expected the name of a setting, found =",
                "SET PARAMETER lkti | SET PARAMETER lkti[*] | expected a value, found the end"
            })
    void aMisspeltStatementIsToldWhereAndWhatWasExpected(String sql, String where, String expected) {
        String error = refused(a.step(sql), SYNTAX);

        assertThat(error).contains(where).contains(expected);
        assertThat(error).contains("Nothing was done.");
    }

    @Test
    void aTableThatIsNotThereIsNamedInTheClientsOwnStatement() {
        String error = refused(a.step("LOCK TABLE \"My \"\"odd\"\" table\", NOWHERE IN SHARE MODE"), "42S02");

        assertThat(error)
                .contains("Table \"NOWHERE\" not found")
                .contains("LOCK TABLE \"My \"\"odd\"\" table\", NOWHERE IN SHARE MODE");
        assertThat(error).doesNotContain("SYS.LOCK_TABLE");
    }

    @Test
    void aNameWithQuotesAndSpacesIsOneLikeAnyOther() {
        TestSession b = database.session("b");
        b.step("LOCK TABLE \"My \"\"odd\"\" table\" IN EXCLUSIVE MODE").expectUpdated(0);
        database.expectRows(
                "SELECT TABLE_NAME, LOCK_TYPE FROM IPE_ALLLOCKS WHERE LOCK_LEVEL = 'TAB'", "My \"odd\" table | EX");
        b.step("EXPLAIN \"My \"\"odd\"\" table\"").expectRows("ID | INTEGER | ");
        b.step("SELECT REMOVE_LOCK('it''s \"odd\"', 1)").expectRows("executed");
        b.commit().expectFinished();

        assertThat(refused(b.step("LOCK TABLE \"My odd table IN SHARE MODE"), SYNTAX))
                .contains("Nothing was done.");
    }

    @Test
    void aConditionThatDoesNotCompileKillsNobody() {
        assertThat(refused(a.step("KILL QUERY WHERE nonsense = 1"), "42S22"))
                .contains("Column \"NONSENSE\" not found")
                .contains("KILL QUERY WHERE nonsense = 1")
                .doesNotContain("KILL_STATEMENT");
        assertThat(refused(a.step("KILL QUERY WHERE elapsed > AND TRUE"), "42001"))
                .contains("\"KILL QUERY WHERE elapsed >[*] AND TRUE\"")
                .doesNotContain("KILL_STATEMENT");
        assertThat(refused(a.step("KILL QUERY WHERE (elapsed > 0"), "42001"))
                .contains("KILL QUERY WHERE (elapsed > 0")
                .doesNotContain("KILL_STATEMENT");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE IPE_CURSESSIONS SET ABORT = 7 | ABORT = 7 is not a value that ABORT can have.",
                "UPDATE IPE_CURSESSIONS SET ABORT = -1 | ABORT = -1 is not a value that ABORT can have.",
                "UPDATE IPE_CURSESSIONS SET ABORT = NULL | ABORT = null is not a value that ABORT can have.",
                "SELECT RELEASE_DEFUNCT_LOCKS(-1) | the seconds must be 0 or more.",
                "SELECT RELEASE_DEFUNCT_LOCKS('soon') | soon is not a number.",
                "SELECT STOP_STATEMENT('mine') | mine is not a number. Nothing was done.",
                "SELECT REMOVE_STATEMENT_LOCKS(NULL) | null is not a number. Nothing was done.",
                "CALL LOCK_TABLE('ACCOUNTS', 'MAYBE') | MAYBE is not SHARE or EXCLUSIVE.",
                "CALL LOCK_TABLE('ACCOUNTS', 'SHARE', -1) | -1 is not a number of seconds from 0 up.",
                "SET PARAMETER nonsense = 1 | Unknown setting NONSENSE. Nothing was changed.",
                "SET PARAMETER lkti = soon | LKTI=soon is not a whole number of s. Nothing was changed.",
                "SET PARAMETER statementLockTimeout = 0 | STATEMENT_LOCK_TIMEOUT=0 is smaller than 1 s",
                "SET PARAMETER lock_policy = optimistic | LOCK_POLICY=optimistic is not one of mvcc, kognitio, sqream."
            })
    void aValueThatCanNotBeIsRefusedWithWhatCould(String sql, String says) {
        String error = refused(a.step(sql), VALUE);

        assertThat(error).contains(says);
        assertThat(error).doesNotContain("SQL statement");
    }

    @Test
    void anUpdateOfAnythingButAbortIsRefused() {
        a.step("UPDATE IPE_CURSESSIONS SET STATE = 'IDLE'").expectError("HYC00");
        a.step("UPDATE SYS.LOCKS SET STATUS = 'GRANTED'").expectError("HYC00");
        a.step("DELETE FROM SYS.LOCKS").expectError("HYC00");
        a.step("INSERT INTO SYS.LOCKS(SESSION) VALUES(1)").expectError("HYC00");
    }

    @Test
    void whoCanNotLogInKeepsTheConnection() {
        a.step("CONNECT nobody 'wrong'").expectError("28000");
        a.step("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1").expectRows("0");
    }
}
