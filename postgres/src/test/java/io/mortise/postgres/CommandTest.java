package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitRunning;
import static io.mortise.postgres.TestServer.failure;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of ours on a server, and a pool above the driver. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class CommandTest {
    @Test
    void killSessionEndsAStatementATransactionOrASession() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection killed = TestServer.connect()) {
            killed.setAutoCommit(false);
            CompletableFuture<Void> first = async(() -> run(killed, "SELECT pg_sleep(30) -- killed"));
            awaitRunning(pid(killed), "-- killed");
            run(killer, "KILL SESSION " + pid(killed) + " CANCEL");
            assertThat(failure(first))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.KILLED))
                    .hasMessageContaining("by session " + pid(killer));
            killed.rollback();

            run(killed, "SELECT 1");
            run(killer, "KILL SESSION " + pid(killed) + " ROLLBACK");
            TestServer.await(pid(killed), "state = 'idle'");
            assertThatThrownBy(() -> run(killed, "SELECT 2")).hasMessageContaining("aborted by session " + pid(killer));
            killed.rollback();
            assertThat(one(killed, "SELECT 3")).isEqualTo("3");

            int pid = pid(killed);
            run(killer, "KILL SESSION " + pid);
            TestServer.await(pid(killer), "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = " + pid + ")");
            assertThatThrownBy(() -> run(killed, "SELECT 4")).isInstanceOf(SQLException.class);
            assertThat(killed.isClosed()).isTrue();
        }
    }

    @Test
    void killSessionEndsAnotherClientByTheServer() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection other = TestServer.plain()) {
            int pid = pid(other);
            assertThatThrownBy(() -> run(killer, "KILL SESSION " + pid + " ROLLBACK"))
                    .hasMessageContaining("Nothing was done");
            run(killer, "KILL SESSION " + pid);
            TestServer.await(pid(killer), "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = " + pid + ")");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOCK SYSTEM",
                "EXPLAIN LOCKS SELECT 1",
                "DISCONNECT",
                "SET PARAMETER LOCK_TIMEOUT = 5",
                "SET DEADLOCK_PRIORITY 5"
            })
    void whatTheServerHasNotIsRefusedWithWhatToDo(String command) throws SQLException {
        try (Connection connection = TestServer.connect()) {
            assertThatThrownBy(() -> run(connection, command))
                    .hasMessageContaining("is not a statement of PostgreSQL. Nothing was done")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYC00"));
            run(connection, "SET lock_timeout = 5");
        }
    }

    @Test
    void aPoolKeepsItsConnections() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(TestServer.url("QUERY_TIMEOUT=20000"));
        config.setMaximumPoolSize(2);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            String first;
            try (Connection connection = pool.getConnection()) {
                first = one(connection, "SELECT pg_backend_pid()");
                connection.setAutoCommit(false);
                run(connection, "SELECT 1");
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(one(connection, "SELECT pg_backend_pid()")).isEqualTo(first);
            }
        }
    }
}
