package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.EngineException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The ways a wait for a lock can end, through JDBC. The waiter has changed account 2 before: it keeps that, unless its
 * transaction is rolled back.
 */
@Timeout(120)
final class TenEndingsTest {
    private static final String WANTED = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 1";
    private static final String OWN = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 1 WHERE ID = 2";

    @SuppressWarnings("NullAway.Init")
    private Ring ring;

    @SuppressWarnings("NullAway.Init")
    private Actor holder;

    @SuppressWarnings("NullAway.Init")
    private Actor waiter;

    @BeforeEach
    void aHolderAndAWaiter() throws Exception {
        ring = Ring.of(Side.MORTISE);
        holder = ring.actor("holder");
        waiter = ring.actor("waiter");
        holder.runs(WANTED);
        waiter.runs(OWN);
    }

    @AfterEach
    void everybodyGoes() throws Exception {
        ring.close();
    }

    @Test
    void granted() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        holder.commits();

        assertThat(waits.result()).isEqualTo(1);
        assertThat(locksOfTheWaiter()).containsExactly("ID=1 | GRANTED", "ID=2 | GRANTED");
    }

    @Test
    void atTheLockTimeout() throws Exception {
        waiter.runs("SET LOCK_TIMEOUT 50");

        SQLException error = waiter.starts(WANTED).failure();

        expect(error, LockTimeoutException.class, "HYT00 50200", "(lock_timeout=50)");
        theTransactionGoesOn(error);
    }

    @Test
    void asTheVictimOfADeadlock() throws Exception {
        waiter.runs("SET PARAMETER DEADLOCK_PRIORITY TO -5");
        Attempt waits = waiter.waits(WANTED);

        assertThat(holder.runs(OWN)).as("the closer goes on").isEqualTo(1);

        SQLException error = waits.failure();
        expect(error, DeadlockException.class, "40001 40001", "victim   " + waiter.id() + " (");
        theTransactionIsRolledBack(error);
    }

    @Test
    void byACancel() throws Exception {
        try (Statement statement = waiter.connection().createStatement()) {
            Attempt waits = waiter.waits(statement, WANTED);

            statement.cancel();

            theStatementEnded(waits, Reason.CANCELLED, "Statement cancelled; it had waited ");
        }
    }

    @Test
    void atTheQueryTimeout() throws Exception {
        try (Statement statement = waiter.connection().createStatement()) {
            statement.setQueryTimeout(1);

            Attempt waits = waiter.waits(statement, WANTED);

            theStatementEnded(waits, Reason.QUERY_TIMEOUT, "Statement ended at its query timeout; it had waited ");
        }
    }

    @Test
    void byStopStatement() throws Exception {
        Attempt waits = waiter.waits(WANTED);
        String id = ring.query("SELECT STATEMENT_ID FROM IPE_CURSESSIONS WHERE SESSION = " + waiter.id())
                .get(0);

        ring.query("SELECT STOP_STATEMENT(" + id + ")");

        theStatementEnded(waits, Reason.KILLED, "Statement killed by session ");
    }

    @Test
    void byKillQuery() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        ring.run("KILL QUERY WHERE SESSION_ID = " + waiter.id());

        theStatementEnded(waits, Reason.KILLED, "Statement killed by session ");
    }

    @Test
    void byAnAbortThatLeavesTheSession() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        ring.run("UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + waiter.id());

        SQLException error = waits.failure();
        expect(error, StatementEndedException.class, "57014 57014", "Statement aborted by session ");
        theTransactionIsRolledBack(error);
        assertThat(waiter.connection().isValid(0)).isTrue();
    }

    @Test
    void byAnAbortThatEndsTheSession() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        ring.run("UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + waiter.id());

        SQLException error = waits.failure();
        expect(error, SessionAbortedException.class, "08006 90067", "aborted by session ");
        theTransactionIsRolledBack(error);
        assertThat(waiter.connection().isClosed()).isTrue();
    }

    @Test
    void byAnInterruptWhoseFlagIsKept() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        waiter.thread().interrupt();

        theStatementEnded(waits, Reason.INTERRUPTED, "Statement ended, its thread was interrupted; it had waited ");
        assertThat(waiter.wasInterrupted()).isTrue();
    }

    @Test
    void byTheCloseOfItsConnection() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        waiter.connection().close();

        theConnectionWasClosed(waits);
    }

    @Test
    void byTheAbortOfItsConnection() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        waiter.connection().abort(Runnable::run);

        SQLException error = waits.failure();
        expect(error, SessionAbortedException.class, "08006 90067", "Session " + waiter.id() + " was closed. Its ");
        assertThat(error.getMessage()).contains("Its transaction was rolled back.");
        theTransactionIsRolledBack(error);
    }

    private void theConnectionWasClosed(Attempt waits) throws Exception {
        SQLException error = waits.failure();
        expect(
                error,
                StatementEndedException.class,
                "57014 57014",
                "Statement ended, its connection was closed; it had waited ");
        assertThat(error.getMessage()).endsWith("The transaction was rolled back.");
        assertThat(((StatementEndedException) error).reason()).isEqualTo(Reason.CONNECTION_CLOSED);
        theTransactionIsRolledBack(error);
    }

    @Test
    void byTheShutdownOfTheDatabase() throws Exception {
        Attempt waits = waiter.waits(WANTED);

        ring.run("SHUTDOWN");

        SQLException error = waits.failure();
        assertThat((Throwable) error).isInstanceOf(SQLNonTransientConnectionException.class);
        assertThat(error.getSQLState()).isEqualTo("08003");
        assertThat(error.getErrorCode()).as("H2's codes for it").isIn(90098, 90135);
    }

    private void theStatementEnded(Attempt waits, Reason reason, String words) throws Exception {
        SQLException error = waits.failure();
        expect(error, StatementEndedException.class, "57014 57014", words);
        assertThat(((StatementEndedException) error).reason()).isEqualTo(reason);
        theTransactionGoesOn(error);
    }

    private static void expect(SQLException error, Class<?> type, String code, String words) {
        assertThat((Throwable) error).isInstanceOf(type);
        assertThat(error.getSQLState() + " " + error.getErrorCode()).isEqualTo(code);
        assertThat(error.getMessage()).contains(words);
    }

    private void theTransactionGoesOn(SQLException error) throws Exception {
        assertThat(((EngineException) error).isTransactionAlive()).isTrue();
        assertThat(locksOfTheWaiter()).containsExactly("ID=2 | GRANTED");
    }

    private void theTransactionIsRolledBack(SQLException error) throws Exception {
        assertThat(((EngineException) error).isTransactionAlive()).isFalse();
        assertThat(locksOfTheWaiter()).isEmpty();
    }

    private List<String> locksOfTheWaiter() throws SQLException {
        return ring.query("SELECT ROW_KEY, STATUS FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW' AND SESSION = " + waiter.id()
                + " ORDER BY 1");
    }
}
