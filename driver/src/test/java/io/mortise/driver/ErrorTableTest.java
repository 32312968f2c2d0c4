package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.EngineException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.error.SessionStayedBusyException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every event that has a class, a SQLState and a vendor code of its own: frameworks and pools go by these. */
@Timeout(60)
final class ErrorTableTest extends SingleFlight {
    private static void assertEvent(ThrowingCallable event, Class<?> type, String sqlState, int vendorCode) {
        assertThatThrownBy(event)
                .isInstanceOf(type)
                .isInstanceOfSatisfying(SQLException.class, e -> assertCodes(e, sqlState, vendorCode));
    }

    private static void assertCodes(SQLException e, String sqlState, int vendorCode) {
        assertThat(e.getSQLState() + " " + e.getErrorCode()).isEqualTo(sqlState + " " + vendorCode);
    }

    /** What a program is told beside class and codes. */
    private static void assertAdvice(SQLException e, boolean isRetryable, boolean isTransactionAlive) {
        assertThat((Throwable) e).isInstanceOfSatisfying(EngineException.class, told -> {
            assertThat(told.isRetryable()).as("retryable").isEqualTo(isRetryable);
            assertThat(told.isTransactionAlive()).as("transaction alive").isEqualTo(isTransactionAlive);
        });
    }

    private static SQLException failureOf(ThrowingCallable event) {
        return (SQLException) org.assertj.core.api.Assertions.catchThrowable(event);
    }

    @Test
    void theSessionIsBusy() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY_GRACE=10")) {
            startBraked(connection);
            assertThat(SQLTransientException.class).isAssignableFrom(SessionIsLockedException.class);
            assertEvent(() -> execute(connection, "SELECT 1"), SessionIsLockedException.class, "HY010", 373);
            assertAdvice(failureOf(() -> execute(connection, "SELECT 1")), true, true);
            assertThat(SQLTransientConnectionException.class).isAssignableFrom(SessionStayedBusyException.class);
            assertEvent(connection::rollback, SessionStayedBusyException.class, "08007", 373);
            assertAdvice(failureOf(connection::rollback), false, true);
            brake.letGo();
        }
    }

    @Test
    void aNamedSessionIsNotFoundAndATimeoutIsBad() {
        assertEvent(() -> connect(";SESSION_ID=x;SESSION_CHECK=1"), SQLNonTransientException.class, "08003", 372);
        assertEvent(() -> connect(";SESSION_ID=x;SESSION_TIMEOUT=3601"), SQLNonTransientException.class, "22023", 374);
    }

    @Test
    void aQueryIdIsRunning() throws Exception {
        try (Connection connection = connect("")) {
            connection.setClientInfo("query_id", "report");
            startBraked(connection);
            keeper.setClientInfo("query_id", "report");
            assertEvent(() -> execute(keeper, "SELECT 1"), SQLTransientException.class, "HY010", 216);
            brake.letGo();
        }
    }

    @Test
    void aLockTimesOutOrIsRefusedAtOnce() throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=5")) {
            keeper.setAutoCommit(false);
            execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
            assertThat(SQLTimeoutException.class).isAssignableFrom(LockTimeoutException.class);
            ThrowingCallable update = () -> execute(connection, "UPDATE T SET V = 2 WHERE ID = 1");
            ThrowingCallable nowait = () -> execute(connection, "SELECT * FROM T WHERE ID = 1 FOR UPDATE NOWAIT");
            assertEvent(update, LockTimeoutException.class, "HYT00", 50200);
            assertEvent(nowait, LockTimeoutException.class, "HYT00", 50200);
            assertAdvice(failureOf(update), true, true);
            assertThat((Throwable) failureOf(update)).isInstanceOfSatisfying(LockTimeoutException.class, e -> {
                assertThat(e.report().target()).isEqualTo("PUBLIC.T(ID=1)");
                assertThat(e.report().blockers())
                        .singleElement()
                        .satisfies(blocker -> assertThat(blocker.sql()).isEqualTo("UPDATE T SET V = 1 WHERE ID = 1"));
            });
            keeper.setAutoCommit(true);
        }
    }

    @Test
    void aDeadlockHasAVictim() throws Exception {
        String patient = ";LOCK_TIMEOUT=60000";
        try (Connection a = connect(patient);
                Connection b = connect(patient + ";DEADLOCK_PRIORITY=1")) {
            a.setAutoCommit(false);
            b.setAutoCommit(false);
            execute(a, "UPDATE T SET V = 1 WHERE ID = 1");
            execute(b, "UPDATE T SET V = 1 WHERE ID = 2");
            Future<Boolean> waits = worker.starts(() -> execute(b, "UPDATE T SET V = 1 WHERE ID = 1"));
            awaitLockWait(b.unwrap(Session.class));

            SQLException victim = failureOf(() -> execute(a, "UPDATE T SET V = 1 WHERE ID = 2"));

            assertThat((Throwable) victim)
                    .isInstanceOf(SQLTransactionRollbackException.class)
                    .isInstanceOfSatisfying(
                            DeadlockException.class,
                            e -> assertThat(e.report().cycle()).hasSize(2));
            assertCodes(victim, "40001", 40001);
            assertAdvice(victim, true, false);
            assertThat(Background.result(waits)).isTrue();
        }
    }

    @Test
    void aRowHasChangedSinceTheSnapshot() throws Exception {
        try (Connection connection = connect("")) {
            execute(connection, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SNAPSHOT");
            connection.setAutoCommit(false);
            execute(connection, "SELECT * FROM T");
            execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");

            SQLException conflict = failureOf(() -> execute(connection, "UPDATE T SET V = 2 WHERE ID = 1"));

            assertThat((Throwable) conflict)
                    .isInstanceOf(SQLTransactionRollbackException.class)
                    .isInstanceOf(SerializationConflictException.class);
            assertCodes(conflict, "40001", 90131);
            assertAdvice(conflict, true, false);
        }
    }

    @Test
    void aStatementIsCancelledOrKilledOrRunsOutOfTime() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            Future<Integer> cancelled = startBrakedUpdate(statement);
            statement.cancel();
            brake.letGo();
            SQLException e = Background.failure(cancelled);
            assertThat((Throwable) e).isInstanceOf(SQLTimeoutException.class);
            assertCodes(e, "57014", 57014);

            String endless = "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000000) WHERE X > 1";
            statement.setQueryTimeout(1);
            assertEvent(() -> statement.executeQuery(endless), SQLTimeoutException.class, "57014", 57014);
        }
    }

    @Test
    void aWaitIsKilledAndASessionAborted() throws Exception {
        keeper.setAutoCommit(false);
        execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
        try (Connection connection = connect(";LOCK_TIMEOUT=60000");
                Statement statement = connection.createStatement()) {
            int session = connection.unwrap(Session.class).id();
            Future<Integer> killed = startWaiting(connection, statement);
            execute(keeper, "SELECT STOP_STATEMENT(STATEMENT_ID) FROM IPE_CURSESSIONS WHERE SESSION = " + session);
            SQLException e = Background.failure(killed);
            assertCodes(e, "57014", 57014);
            assertThat((Throwable) e)
                    .isInstanceOf(StatementEndedException.class)
                    .isInstanceOf(SQLTimeoutException.class);
            assertAdvice(e, false, true);

            Future<Integer> aborted = startWaiting(connection, statement);
            execute(keeper, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session);
            e = Background.failure(aborted);
            assertCodes(e, "08006", 90067);
            assertThat((Throwable) e)
                    .isInstanceOf(SessionAbortedException.class)
                    .isInstanceOf(SQLRecoverableException.class);
            assertAdvice(e, true, false);
        }
        keeper.setAutoCommit(true);
    }

    private Future<Integer> startWaiting(Connection connection, Statement statement) throws Exception {
        Future<Integer> waits = worker.starts(() -> statement.executeUpdate("UPDATE T SET V = 2 WHERE ID = 1"));
        awaitLockWait(connection.unwrap(Session.class));
        return waits;
    }

    @Test
    void sessionsAreInhibited() throws Exception {
        execute(keeper, "LOCK SYSTEM");
        assertEvent(() -> connect(""), SQLTransientConnectionException.class, "08004", 90135);
    }

    @Test
    void theDatabaseIsClosed() throws Exception {
        try (Connection connection = connect("")) {
            execute(keeper, "SHUTDOWN");
            assertThat((Throwable) failureOf(() -> execute(connection, "SELECT 1")))
                    .isInstanceOf(SQLNonTransientConnectionException.class)
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("08003");
                        assertThat(e.getErrorCode()).isIn(90098, 90121);
                    });
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    void everythingElseIsExactlyH2s() throws Exception {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:")) {
            execute(plain, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            execute(plain, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5)");
            for (String wrong : new String[] {
                "SELEC 1",
                "SELECT * FROM NOWHERE",
                "INSERT INTO T VALUES (1, 1)",
                "SELECT 1 / 0",
                "SELECT CAST('x' AS INT)"
            }) {
                SQLException ours = failureOf(() -> execute(keeper, wrong));
                SQLException h2s = failureOf(() -> execute(plain, wrong));

                assertThat((Object) ours.getClass()).isEqualTo(h2s.getClass());
                assertThat((Throwable) ours).hasMessage(h2s.getMessage());
                assertCodes(ours, h2s.getSQLState(), h2s.getErrorCode());
            }
        }
    }
}
