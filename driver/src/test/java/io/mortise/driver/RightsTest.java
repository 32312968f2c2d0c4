package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user sees and does who has no rights: everything but other users' SQL and code, and nothing but their own
 * sessions.
 */
@Timeout(120)
class RightsTest {
    /** In every statement of the administrator's. */
    private static final String SECRET = "/* topsecret */";

    private final Interleaving database = Interleaving.inMemory()
            .setUp(
                    "CREATE TABLE T(ID INT PRIMARY KEY, A INT)",
                    "INSERT INTO T VALUES(1, 0), (2, 0), (3, 0)",
                    "CREATE USER GUEST PASSWORD 'g'",
                    "GRANT SELECT, UPDATE ON T TO GUEST");

    private final TestSession a = database.session("a");
    private final TestSession b = database.session("b");
    private final TestSession guest = database.session("guest");

    @BeforeEach
    void logIn() {
        guest.step("CONNECT GUEST 'g'").expectFinished();
    }

    @AfterEach
    void close() {
        a.rollback().expectFinished();
        database.close();
    }

    /** The administrator holds, waits, has failed and been in a deadlock; returns what waits. */
    private Step busyAdministrator() {
        a.step("UPDATE T SET A = 1 WHERE ID = 1 " + SECRET).expectUpdated(1);
        b.step("UPDATE T SET A = 1 WHERE ID = 2 " + SECRET).expectUpdated(1);
        Step crossing = a.step("UPDATE T SET A = 1 WHERE ID = 2 " + SECRET).expectBlockedBy("b");
        b.step("UPDATE T SET A = 1 WHERE ID = 1 " + SECRET).expectError("40001");
        crossing.expectUpdated(1);
        b.step("SELECT 1 / 0 " + SECRET).expectError("22012");
        b.step("SET LOCK_TIMEOUT 0 " + SECRET).expectFinished();
        b.step("UPDATE T SET A = 1 WHERE ID = 1 " + SECRET).expectError("HYT00");
        b.step("SET LOCK_TIMEOUT 3600000 " + SECRET).expectFinished();
        return b.step("UPDATE T SET A = 2 WHERE ID = 1 " + SECRET).expectBlockedBy("a");
    }

    @Test
    void everyTableShowsThatAnotherUsersStatementsAreThereAndNotWhatTheyAre() {
        Step waits = busyAdministrator();

        List<String> tables = rows(
                guest,
                "SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                        + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY 1");
        assertThat(tables).hasSizeGreaterThan(20);
        for (String table : tables) {
            assertThat(rows(guest, "SELECT * FROM " + table)).as(table).noneMatch(row -> row.contains("topsecret"));
        }
        for (String function : List.of("SHOW_LOCKS", "SHOW_CONNECTIONS", "SHOW_SERVER_STATUS")) {
            assertThat(rows(guest, "SELECT " + function + "()"))
                    .as(function)
                    .isNotEmpty()
                    .noneMatch(row -> row.contains("topsecret"));
        }
        assertThat(rows(guest, "SELECT SESSION, BLOCKING_SESSION FROM SYS.LOCK_WAITS"))
                .containsExactly(b.id() + " | " + a.id());
        assertThat(rows(guest, "SELECT DISTINCT CALL_SITE FROM SYS.SESSIONS WHERE USER_NAME = 'SA'"))
                .containsExactly("NULL");
        database.expectRows(
                "SELECT COUNT(*) FROM SYS.LOCK_WAITS WHERE SQL_TEXT LIKE '%topsecret%' AND BLOCKING_SQL LIKE '%topsecret%'",
                "1");
        a.rollback().expectFinished();
        waits.expectUpdated(1);
        b.rollback().expectFinished();
    }

    @Test
    void whatIsSaidToAWaiterDoesNotShowTheHoldersStatementEither() {
        a.step("UPDATE T SET A = 1 WHERE ID = 1 " + SECRET).expectUpdated(1);
        guest.step("SET LOCK_TIMEOUT 0").expectFinished();

        String error = String.valueOf(guest.step("UPDATE T SET A = 9 WHERE ID = 1")
                .expectError("HYT00")
                .getMessage());

        assertThat(error)
                .contains("UPDATE T SET A = 9 WHERE ID = 1", "(another user's statement)")
                .doesNotContain("topsecret", "holder's thread");
    }

    @Test
    void whoHasNoRightsEndsNobodyElse() {
        Step waits = busyAdministrator();
        String waiting = rows(database, "SELECT STATEMENT_ID FROM SYSTEM.PROCESSES WHERE STATE = 'LOCK WAIT'")
                .get(0);

        guest.step("UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + b.id())
                .expectError("42501");
        guest.step("SELECT STOP_STATEMENT(" + waiting + ")").expectError("42501");
        assertThat(rows(guest, "KILL QUERY WHERE STATEMENT_ID = " + waiting))
                .singleElement()
                .asString()
                .startsWith("cant_cancel | ");
        guest.step("SELECT REMOVE_STATEMENT_LOCKS(" + waiting + ")").expectError("42501");
        guest.step("SELECT REMOVE_LOCK('x', " + waiting + ")").expectError("42501");
        waits.expectBlockedBy("a");

        a.rollback().expectFinished();
        waits.expectUpdated(1);
        b.rollback().expectFinished();
    }

    @Test
    void anAbortThatHitsOneSessionTooManyEndsNone() {
        TestSession other = database.session("other");
        other.step("CONNECT GUEST 'g'").expectFinished();

        guest.step("UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION <> CURRENT_SESSION")
                .expectError("42501");
        other.step("SELECT 1").expectRows("1");

        guest.step("UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION <> CURRENT_SESSION AND USER_NAME = 'GUEST'")
                .expectUpdated(1);
        other.step("SELECT 1").expectError("08006");
    }

    @Test
    void everybodyMayEndTheirOwn() {
        TestSession other = database.session("other");
        other.step("CONNECT GUEST 'g'").expectFinished();
        a.step("UPDATE T SET A = 1 WHERE ID = 1 " + SECRET).expectUpdated(1);
        Step waits = other.step("UPDATE T SET A = 2 WHERE ID = 1").expectBlockedBy("a");

        assertThat(rows(guest, "SELECT query FROM SYSTEM.PROCESSES WHERE state = 'LOCK WAIT'"))
                .containsExactly("UPDATE T SET A = 2 WHERE ID = 1");
        assertThat(rows(guest, "KILL QUERY WHERE user = 'GUEST' SYNC")).hasSize(1);

        waits.expectError("57014");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOCK SYSTEM",
                "SELECT RELEASE_DEFUNCT_LOCKS()",
                "SET PARAMETER LOCK_BARGING = 5",
                "CALL SET_PARAMETER('JOURNAL_SIZE', '500')"
            })
    void whatIsForThoseWhoMayLockTheSystemIsForThemOnly(String lever) {
        assertThat(String.valueOf(guest.step(lever).expectError("42501").getMessage()))
                .contains("GRANT LOCK_SYSTEM TO GUEST");

        database.setUp("GRANT LOCK_SYSTEM TO GUEST");

        Step allowed = guest.step(lever);
        if (lever.equals("LOCK SYSTEM")) {
            allowed.expectError("55006"); // Others are connected.
        } else {
            allowed.expectFinished();
        }
    }

    @Test
    void settingsOfTheirOwnSessionAreEverybodys() {
        guest.step("SET PARAMETER LOCK_TIMEOUT = 5").expectFinished();
        guest.step("SET DEADLOCK_PRIORITY -3").expectFinished();
    }

    private static List<String> rows(TestSession session, String sql) {
        return session.step(sql).expectFinished().result().rows();
    }

    private static List<String> rows(Interleaving database, String sql) {
        return database.query(sql);
    }
}
