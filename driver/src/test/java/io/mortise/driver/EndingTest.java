package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ending a statement or a connection from another thread: cancel, close, abort, timeouts. */
@Timeout(60)
final class EndingTest extends SingleFlight {
    @Test
    @DisplayName("36 cancel from another thread is never refused")
    void cancelIsNeverRefused() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            Future<Integer> first = startBrakedUpdate(statement);

            statement.cancel();
            brake.letGo();

            assertThat((Throwable) Background.failure(first)).isInstanceOfSatisfying(SQLTimeoutException.class, e -> {
                assertThat(e.getSQLState()).isEqualTo("57014");
                assertThat(e.getErrorCode()).isEqualTo(57014);
            });
            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }

    @Test
    void cancelOfAStatementThatWaitsInLineEndsItsWait() throws Exception {
        try (Connection connection = connect(";SESSION_BUSY=WAIT");
                Background second = new Background("worker-4");
                Statement waiting = connection.createStatement()) {
            startBraked(connection);
            Future<Boolean> waits = second.starts(() -> waiting.execute("SELECT 2"));
            awaitInLine(connection.unwrap(Session.class));

            waiting.cancel();

            SQLException e = Background.failure(waits);
            assertThat(e.getSQLState()).isEqualTo("57014");
            assertThat(e.getMessage()).contains("It has not begun").contains("SELECT 2");
            brake.letGo();
        }
    }

    @Test
    void closeOfARunningStatementReturnsAtOnceAndCancelsIt() throws Exception {
        try (Connection connection = connect("")) {
            Statement statement = connection.createStatement();
            Future<Integer> first = startBrakedUpdate(statement);

            statement.close();

            assertThat(statement.isClosed()).isTrue();
            brake.letGo();
            assertThat(Background.failure(first).getSQLState()).isEqualTo("57014");
            assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
        }
    }

    @Test
    void closeOfABusyConnectionRollsBack() throws Exception {
        Connection connection = connect("");
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 100 WHERE ID = 1");
        Future<Integer> first = startBrakedUpdate(connection.createStatement());

        try (Background closer = new Background("closer")) {
            Future<Boolean> closes = closer.starts(() -> {
                connection.close();
                return true;
            });
            brake.letGo();
            Background.result(closes);
        }

        SQLException error = Background.failure(first);
        assertThat(error.getSQLState()).isEqualTo("57014");
        assertThat(error.getMessage())
                .isEqualTo("Statement ended, its connection was closed. The transaction was rolled back.");
        assertThat(connection.isClosed()).isTrue();
        assertThat(sum()).isZero();
        assertThat(execute(keeper, "UPDATE T SET V = 1")).isTrue();
    }

    @Test
    void abortEndsWhatRunsAndRollsBack() throws Exception {
        Connection connection = connect("");
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 100 WHERE ID = 1");
        Future<Integer> first = startBrakedUpdate(connection.createStatement());

        try (Background aborter = new Background("aborter")) {
            connection.abort(work -> aborter.starts(() -> {
                work.run();
                return true;
            }));
            assertThat(connection.isClosed()).isTrue();
            brake.letGo();
            assertThat(Background.failure(first).getSQLState()).isEqualTo("08006");
            aborter.does(() -> true);
        }

        assertThat(sum()).isZero();
        assertThat(execute(keeper, "UPDATE T SET V = 1")).isTrue();
    }

    @Test
    void abortByAnExecutorThatRejectsAbortsAllTheSame() throws Exception {
        Connection connection = connect("");
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 100 WHERE ID = 1");

        connection.abort(work -> {
            throw new RejectedExecutionException("shut down");
        });

        assertThat(connection.isClosed()).isTrue();
        assertThat(execute(keeper, "UPDATE T SET V = V + 1 WHERE ID = 1")).isTrue(); // waits for the roll-back
        assertThat(sum()).isEqualTo(1);
    }

    @Test
    void abortByAnExecutorThatCannotMakeAThreadAbortsAllTheSame() throws Exception {
        Connection connection = connect("");
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 100 WHERE ID = 1");

        assertThatThrownBy(() -> connection.abort(work -> {
                    throw new OutOfMemoryError("unable to create native thread");
                }))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(connection.isClosed()).isTrue();
        execute(keeper, "SET LOCK_TIMEOUT 0"); // It is over when abort returns.
        assertThat(execute(keeper, "UPDATE T SET V = V + 1 WHERE ID = 1")).isTrue();
        assertThat(sum()).isEqualTo(1);
    }

    @Test
    void aLongWaitForALockLeavesAWarning() throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=60000");
                Statement statement = connection.createStatement()) {
            keeper.setAutoCommit(false);
            execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
            Future<Integer> waits = worker.starts(() -> statement.executeUpdate("UPDATE T SET V = 2 WHERE ID = 1"));
            Session session = connection.unwrap(Session.class);
            awaitLockWait(session);
            // It waits already; now it does so for as long as this lock timeout at least.
            try (Connection other = connect(";LOCK_TIMEOUT=600")) {
                assertThatThrownBy(() -> execute(other, "UPDATE T SET V = 3 WHERE ID = 1"))
                        .isInstanceOf(SQLException.class);
            }
            keeper.commit();
            Background.result(waits);

            assertThat(statement.getWarnings().getMessage())
                    .startsWith("waited ")
                    .contains("ms for X on PUBLIC.T(ID=1)")
                    .contains("behind session ");
            statement.clearWarnings();
            assertThat((Throwable) statement.getWarnings()).isNull();
        }
    }

    @Test
    @DisplayName("39 an interrupt ends a wait for a lock, keeps the flag, and leaves the session usable")
    void anInterruptEndsAWaitAndTheSessionGoesOn() throws Exception {
        try (Connection connection = connect(";LOCK_TIMEOUT=600000")) {
            keeper.setAutoCommit(false);
            execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
            AtomicReference<Thread> thread = new AtomicReference<>();
            Future<SQLException> waits = worker.starts(() -> {
                thread.set(Thread.currentThread());
                try {
                    execute(connection, "UPDATE T SET V = 2 WHERE ID = 1");
                    throw new AssertionError("it got the row");
                } catch (SQLException e) {
                    assertThat(Thread.interrupted()).as("the flag").isTrue();
                    return e;
                }
            });
            awaitLockWait(connection.unwrap(Session.class));

            Objects.requireNonNull(thread.get()).interrupt();

            SQLException ended = waits.get();
            assertThat(ended.getSQLState()).isEqualTo("57014");
            assertThat((Throwable) ended)
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(StatementEndedException.Reason.INTERRUPTED));
            keeper.commit();
            assertThat(execute(connection, "UPDATE T SET V = 2 WHERE ID = 1")).isTrue();
            keeper.setAutoCommit(true);
        }
    }

    @Test
    void closingTwiceIsClosingOnce() throws Exception {
        Connection connection = connect("");
        connection.close();
        connection.close();
        connection.abort(Runnable::run);

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(0)).isFalse();
        assertThatThrownBy(connection::createStatement)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getErrorCode()).isEqualTo(90007));
    }

    @Test
    @DisplayName("61 each statement has its own query timeout")
    void eachStatementHasItsOwnQueryTimeout() throws Exception {
        try (Connection connection = connect("");
                Statement limited = connection.createStatement();
                Statement free = connection.createStatement()) {
            limited.setQueryTimeout(1);

            assertThat(limited.getQueryTimeout()).isEqualTo(1);
            assertThat(free.getQueryTimeout()).isZero();
            assertThatThrownBy(() ->
                            limited.executeQuery("SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000000) WHERE X > 1"))
                    .isInstanceOf(SQLTimeoutException.class);
            assertThat(free.getQueryTimeout()).isZero();
            assertThatThrownBy(() -> limited.setQueryTimeout(-1)).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aStatementWithATimeoutWhoseSessionIsClosedFailsAsAnyOtherAndLeavesTheSession() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            Session session = connection.unwrap(Session.class);
            statement.setQueryTimeout(60);
            Future<Integer> running = startBrakedUpdate(statement);

            execute(keeper, "UPDATE SYS.IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session.id());
            brake.letGo();

            assertThat((Throwable) Background.failure(running)).isInstanceOf(SQLException.class);
            assertThat(session.inFlight()).isEmpty();
        }
    }

    @Test
    void aNegativeTimeoutOfIsValidIsAnError() throws Exception {
        assertThat(keeper.isValid(0)).isTrue();
        assertThatThrownBy(() -> keeper.isValid(-1)).isInstanceOf(SQLException.class);
    }

    @Test
    void aNetworkTimeoutClosesTheConnection() throws Exception {
        Connection connection = connect("");
        connection.setNetworkTimeout(Runnable::run, 50);

        assertThatThrownBy(() -> connection
                        .createStatement()
                        .executeQuery("SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000000) WHERE X > 1"))
                .isInstanceOfSatisfying(SQLException.class, e -> {
                    assertThat(e.getSQLState()).isEqualTo("08006");
                    assertThat(e.getMessage()).contains("its network timeout of 50 ms has passed");
                });

        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void writesOfAReadOnlyConnectionAreRefused() throws Exception {
        try (Connection connection = connect("")) {
            connection.setReadOnly(true);

            assertThat(connection.isReadOnly()).isTrue();
            assertThatThrownBy(() -> execute(connection, "UPDATE T SET V = 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            assertThatThrownBy(() -> execute(connection, "CREATE TABLE U(ID INT)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            assertThat(execute(connection, "SELECT * FROM T")).isTrue();

            connection.setReadOnly(false);
            assertThat(execute(connection, "UPDATE T SET V = 1")).isTrue();
        }
    }
}
