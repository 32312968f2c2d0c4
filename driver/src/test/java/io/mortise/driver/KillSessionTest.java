package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** KILL SESSION, and the number of a session in the condition of KILL QUERY, through JDBC. */
@Timeout(120)
class KillSessionTest {
    private static final String UPDATE = "UPDATE T SET A = A + 1 WHERE ID = 1";

    private final Interleaving database = Interleaving.inMemory()
            .setUp(
                    "CREATE TABLE T(ID INT PRIMARY KEY, A INT)",
                    "INSERT INTO T VALUES (1, 0), (2, 0)",
                    "CREATE USER BOB PASSWORD 'b'");
    private final TestSession a = database.session("a");
    private final TestSession b = database.session("b");
    private final TestSession c = database.session("c");
    private Step waits;

    /** b has changed row 2 and waits for a. */
    @BeforeEach
    void bWaits() {
        a.step(UPDATE).expectUpdated(1);
        b.step("UPDATE T SET A = 7 WHERE ID = 2").expectUpdated(1);
        waits = b.step(UPDATE).expectBlockedBy("a");
    }

    @AfterEach
    void close() {
        a.rollback().expectFinished();
        c.rollback().expectFinished();
        database.expectNobodyWaits();
        database.close();
    }

    @Test
    void cancelEndsTheStatementAndKeepsTheTransaction() {
        c.step("KILL SESSION " + b.id() + " CANCEL").expectFinished();

        waits.expectError("57014");
        b.step("SELECT A FROM T WHERE ID = 2").expectRows("7");
        c.step("KILL SESSION " + b.id() + " CANCEL").expectFinished();
        b.step("SELECT A FROM T WHERE ID = 2").expectRows("7");
        b.rollback().expectFinished();
    }

    @Test
    void rollbackEndsTheTransactionAndKeepsTheSession() {
        c.step("kill session " + b.id() + " rollback;").expectFinished();

        assertThat(waits.expectError("57014").getMessage()).contains("session " + c.id());
        c.step("UPDATE T SET A = 1 WHERE ID = 2").expectUpdated(1);
        c.rollback().expectFinished();
        b.rollback().expectFinished();
        b.step("SELECT A FROM T WHERE ID = 2").expectRows("0");
        b.rollback().expectFinished();
    }

    @Test
    void withoutAWordTheSessionIsClosed() {
        c.step("KILL SESSION " + b.id()).expectFinished();

        waits.expectError("08006");
        c.step("SELECT COUNT(*) FROM SYS.SESSIONS WHERE SESSION = " + b.id()).expectRows("0");
        c.step("UPDATE T SET A = 1 WHERE ID = 2").expectUpdated(1);
    }

    @Test
    void theNumberMayBeAParameterAndTheFunctionDoesTheSame() {
        c.step("prepared", connection -> {
                    try (var kill = connection.prepareStatement("KILL SESSION ? CANCEL")) {
                        kill.setInt(1, b.id());
                        kill.execute();
                    }
                })
                .expectFinished();
        waits.expectError("57014");

        c.step("CALL KILL_SESSION(" + b.id() + ", 'rollback')").expectFinished();
        c.step("UPDATE T SET A = 1 WHERE ID = 2").expectUpdated(1);
        c.rollback().expectFinished();
        b.rollback().expectFinished();
    }

    @Test
    void whatCannotBeDoneIsRefusedAndNothingEnds() {
        assertThat(c.step("KILL SESSION 99999").expectError("22023").getMessage())
                .contains("There is no session 99999");
        assertThat(c.step("CALL KILL_SESSION(" + b.id() + ", 'HARD')")
                        .expectError("22023")
                        .getMessage())
                .contains("CANCEL, ROLLBACK or DISCONNECT");
        c.step("CALL KILL_SESSION(NULL)").expectError("22023");
        c.step("CONNECT BOB 'b'").expectFinished();
        for (String how : new String[] {"", " CANCEL", " ROLLBACK", " DISCONNECT"}) {
            c.step("KILL SESSION " + b.id() + how).expectError("42501");
        }

        waits.expectBlockedBy("a");
        a.rollback().expectFinished();
        waits.expectUpdated(1);
        b.rollback().expectFinished();
    }

    @Test
    void aSessionHasTheSameNumberUnderBothNames() {
        c.step("KILL QUERY WHERE session = " + b.id() + " AND session_id = " + b.id()
                        + " AND session IN (SELECT SESSION FROM SYS.LOCK_WAITS) SYNC")
                .expectFinished();

        waits.expectError("57014");
        b.rollback().expectFinished();
    }

    /** The holder is ended first, and waited for: what it gives back must not let its waiter succeed. */
    @ParameterizedTest
    @ValueSource(strings = {"SYNC", "ASYNC"})
    void killQueryDecidesForAllBeforeItEndsTheFirst(String mode) {
        a.rollback().expectFinished();
        waits.expectUpdated(1);
        b.rollback().expectFinished();
        c.step("UPDATE T SET A = 6 WHERE ID = 2").expectUpdated(1);
        Step holder = a.step("UPDATE T SET A = 8").expectBlockedBy("c"); // It has row 1 by then.
        Step waiter = b.step("UPDATE T SET A = 9 WHERE ID = 1").expectBlockedBy("a");

        TestSession d = database.session("d");
        d.step("KILL QUERY WHERE SESSION IN (" + a.id() + ", " + b.id() + ") " + mode)
                .expectFinished();

        holder.expectError("57014");
        waiter.expectError("57014");
        b.rollback().expectFinished();
        d.rollback().expectFinished();
    }

    /** H2 closes the session, and says of a closed session that its database is closed. It is open. */
    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1", "COMMIT"})
    void whoWasAbortedBetweenTwoStatementsHearsThat(String next) {
        a.rollback().expectFinished();
        waits.expectUpdated(1);
        c.step("CALL ABORT_SESSION(" + b.id() + ")").expectFinished();

        SQLException told = b.step(next).expectError("08003");

        assertThat(told.getMessage()).contains("ABORT_SESSION", "was rolled back");
        assertThat(told.getErrorCode()).isEqualTo(90121);
        c.step("SELECT A FROM T WHERE ID = 2").expectRows("0");
    }
}
