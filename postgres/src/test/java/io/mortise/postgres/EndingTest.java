package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitRunning;
import static io.mortise.postgres.TestServer.done;
import static io.mortise.postgres.TestServer.failure;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static io.mortise.postgres.TestServer.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.EngineException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One statement in flight, and every way in which one ends before its time. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class EndingTest {
    @Test
    void aSecondStatementIsRefusedAndSaysWhatRuns() throws Exception {
        try (Connection connection = TestServer.connect()) {
            CompletableFuture<Void> first = async(() -> run(connection, "SELECT pg_sleep(30) -- first"));
            awaitRunning(pid(connection), "-- first");

            assertThatThrownBy(() -> run(connection, "SELECT 2"))
                    .isInstanceOfSatisfying(SQLException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("HY010");
                        assertThat(e.getErrorCode()).isEqualTo(373);
                    })
                    .hasMessageContaining("-- first");

            run(TestServer.plain(), "SELECT pg_cancel_backend(" + pid(connection) + ")");
            assertThat(failure(first)).hasMessageContaining("another client of the server");
        }
    }

    @Test
    void aSecondStatementWaitsWhereItIsToldTo() throws Exception {
        try (Connection connection = TestServer.connect("SESSION_BUSY=WAIT")) {
            CompletableFuture<Void> first = async(() -> run(connection, "SELECT pg_sleep(0.5) -- waited for"));
            awaitRunning(pid(connection), "-- waited for");

            assertThat(one(connection, "SELECT 2")).isEqualTo("2");
            assertThat(first).succeedsWithin(Duration.ofMinutes(1)); // It has ended; its thread may be on its way here.
        }
    }

    @Test
    void theQueryTimeoutIsOursAndHasItsReason() throws Exception {
        try (Connection connection = TestServer.connect("QUERY_TIMEOUT=150")) {
            assertThatThrownBy(() -> run(connection, "SELECT pg_sleep(30)"))
                    .isInstanceOfSatisfying(StatementEndedException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.QUERY_TIMEOUT);
                        assertThat(e.isTransactionAlive()).isTrue();
                    })
                    .hasMessageContaining("query timeout of 150 ms");
            assertThat(one(connection, "SELECT 3")).isEqualTo("3");
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(30)"))
                        .hasMessageContaining("query timeout of 1000 ms");
            }
        }
    }

    @Test
    void theServersOwnLimitsAreReportedAsWhatTheyAre() throws Exception {
        try (Connection connection = TestServer.connect("options=-c%20statement_timeout=100")) {
            assertThatThrownBy(() -> run(connection, "SELECT pg_sleep(30)"))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.QUERY_TIMEOUT))
                    .hasMessageContaining("statement_timeout");
        }
        try (Connection connection = TestServer.connect("options=-c%20idle_in_transaction_session_timeout=50")) {
            connection.setAutoCommit(false);
            run(connection, "SELECT 1");
            TestServer.await(
                    pid(TestServer.plain()),
                    "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = " + pid(connection) + ")");
            assertThatThrownBy(() -> run(connection, "SELECT 2"))
                    .hasMessageContaining("idle_in_transaction_session_timeout")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"));
        }
    }

    @Test
    void aCancelEndsTheStatementAndNeverTheNext() throws Exception {
        try (Connection connection = TestServer.connect();
                PreparedStatement sleeps = connection.prepareStatement("SELECT pg_sleep(?)")) {
            for (int i = 0; i < 30; i++) {
                sleeps.setDouble(1, 0.005);
                CountDownLatch begun = new CountDownLatch(1);
                CompletableFuture<Void> cancel = async(() -> {
                    begun.countDown();
                    sleeps.cancel();
                });
                begun.await();
                try {
                    sleeps.execute();
                } catch (StatementEndedException e) {
                    assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
                }
                done(cancel);
                assertThat(one(connection, "SELECT 'alive' FROM pg_sleep(0.002)"))
                        .isEqualTo("alive");
            }
            CompletableFuture<Void> running = async(() -> {
                sleeps.setDouble(1, 30);
                sleeps.execute();
            });
            awaitRunning(pid(connection), "pg_sleep");
            sleeps.cancel();
            assertThat(failure(running))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        }
    }

    @Test
    void inATransactionTheErrorSaysThatItIsSpoilt() throws Exception {
        try (Connection connection = TestServer.connect("QUERY_TIMEOUT=100")) {
            connection.setAutoCommit(false);

            assertThatThrownBy(() -> run(connection, "SELECT pg_sleep(30)"))
                    .hasMessageContaining("call rollback()")
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertThat(e.isTransactionAlive()).isFalse());

            assertThatThrownBy(() -> run(connection, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P02"));
            connection.rollback();
            assertThat(one(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aTransactionThatIsIdleForTooLongIsRolledBackAndTheSessionLives() throws Exception {
        try (Connection connection = TestServer.connect("IDLE_IN_TRANSACTION_TIMEOUT=100")) {
            run(connection, "CREATE TEMPORARY TABLE IDLE (V INT)");
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO IDLE VALUES (1)");
            TestServer.await(pid(connection), "state = 'idle'");

            assertThatThrownBy(() -> run(connection, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.ABORTED))
                    .hasMessageContaining("IDLE_IN_TRANSACTION_TIMEOUT=100");
            assertThatThrownBy(connection::commit).hasMessageContaining("IDLE_IN_TRANSACTION_TIMEOUT=100");
            connection.rollback();
            assertThat(one(connection, "SELECT count(*) FROM IDLE")).isEqualTo("0");
        }
    }

    @Test
    void aTransactionThatIsOpenForTooLongEndsWithItsStatement() throws Exception {
        try (Connection connection = TestServer.connect("TRANSACTION_TIMEOUT=200")) {
            connection.setAutoCommit(false);

            assertThatThrownBy(() -> run(connection, "SELECT pg_sleep(30)"))
                    .hasMessageContaining("TRANSACTION_TIMEOUT=200");
            TestServer.await(pid(connection), "state = 'idle'");
            connection.rollback();
            assertThat(one(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aSessionThatTheServerEndsSaysSo() throws Exception {
        try (Connection connection = TestServer.connect()) {
            CompletableFuture<Void> running = async(() -> run(connection, "SELECT pg_sleep(30) -- ends"));
            awaitRunning(pid(connection), "-- ends");
            run(TestServer.plain(), "SELECT pg_terminate_backend(" + pid(connection) + ")");

            assertThat(failure(running)).hasMessageContaining("pg_terminate_backend");
            assertThat(state(running)).isEqualTo("08006");
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void abortAndCloseEndWhatRunsAndNothingIsLeftOnTheServer() throws Exception {
        Connection aborted = TestServer.connect();
        Connection closed = TestServer.connect();
        int first = pid(aborted);
        int second = pid(closed);
        CompletableFuture<Void> one = async(() -> run(aborted, "SELECT pg_sleep(30) -- aborted"));
        CompletableFuture<Void> two = async(() -> run(closed, "SELECT pg_sleep(30) -- closed"));
        awaitRunning(first, "-- aborted");
        awaitRunning(second, "-- closed");

        aborted.abort(Runnable::run);
        closed.close();

        assertThat(state(one)).isEqualTo("08006");
        assertThat(failure(two)).hasMessageContaining("connection was closed");
        TestServer.await(
                pid(TestServer.plain()),
                "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid IN (" + first + ", " + second + "))");
    }

    @Test
    void aNamedSessionIsSharedAndOutlivesItsConnection() throws Exception {
        int pid;
        try (Connection first = TestServer.connect("SESSION_ID=shared");
                Connection second = TestServer.connect("SESSION_ID=shared")) {
            pid = pid(first);
            assertThat(pid(second)).isEqualTo(pid);
            run(first, "CREATE TEMPORARY TABLE MINE (V INT)");
        }
        try (Connection third = TestServer.connect("SESSION_ID=shared&SESSION_CHECK=1")) {
            assertThat(pid(third)).isEqualTo(pid);
            assertThat(one(third, "SELECT count(*) FROM MINE")).isEqualTo("0");
        }
    }

    @Test
    void aResultThatIsFetchedInPortionsKeepsOthersOut() throws Exception {
        try (Connection connection = TestServer.connect("SESSION_BUSY_GRACE=0")) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(2);
                ResultSet rows = statement.executeQuery("SELECT * FROM generate_series(1, 10)");
                rows.next();
                assertThat(state(async(() -> run(connection, "SELECT 2")))).isEqualTo("HY010");
                int read = 1;
                while (rows.next()) {
                    read++;
                }
                assertThat(read).isEqualTo(10);
            }
            done(async(() -> run(connection, "SELECT 2")));
        }
    }
}
