package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitRunning;
import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.failure;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.error.StatementEndedException.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** ABORT, KILL QUERY and STOP_STATEMENT on a server, with the reason in the error of what they end. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class KillTest {
    @Test
    void abortRollsBackAsManySessionsAsItsConditionMeets() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection idle = TestServer.connect();
                Connection busy = TestServer.connect();
                PreparedStatement abort = killer.prepareStatement(
                        "UPDATE IPE_CURSESSIONS AS s SET ABORT = ? WHERE s.session IN (?, ?);")) {
            idle.setAutoCommit(false);
            run(idle, "SELECT 1");
            CompletableFuture<Void> running = async(() -> run(busy, "SELECT pg_sleep(30) -- aborted"));
            awaitRunning(pid(busy), "-- aborted");
            abort.setInt(1, 1);
            abort.setInt(2, pid(idle));
            abort.setInt(3, pid(busy));
            abort.setMaxRows(1);

            assertThat(abort.executeUpdate()).isEqualTo(2);

            assertThat(failure(running))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.ABORTED))
                    .hasMessageContaining("by session " + pid(killer));
            TestServer.await(pid(idle), "state = 'idle'");
            assertThatThrownBy(() -> run(idle, "SELECT 2")).hasMessageContaining("aborted by session " + pid(killer));
            idle.rollback();
            assertThat(one(idle, "SELECT 3")).isEqualTo("3");
            assertThat(abort.getMaxRows()).isEqualTo(1);
        }
    }

    @Test
    void abortEndsASessionAndNothingIfOneCannotBe() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection own = TestServer.connect();
                Connection other = TestServer.plain();
                Statement abort = killer.createStatement()) {
            other.setAutoCommit(false);
            run(other, "SELECT 1");
            String both = " WHERE session IN (" + pid(own) + ", " + pid(other) + ")";

            assertThatThrownBy(() -> abort.execute("UPDATE SYS.SESSIONS SET ABORT = 1" + both))
                    .hasMessageContaining("cannot be rolled back")
                    .hasMessageContaining("Nothing was done");
            assertThat(own.isClosed()).isFalse();
            assertThatThrownBy(() -> abort.execute("UPDATE SYS.SESSIONS SET ABORT = 3" + both))
                    .hasMessageContaining("is not a value");
            assertThat(one(own, "SELECT 1")).isEqualTo("1");

            assertThat(abort.execute("UPDATE SYS.SESSIONS SET ABORT = 1 + 1" + both))
                    .isFalse();
            assertThat(abort.getUpdateCount()).isEqualTo(2);
            assertThat(abort.getMoreResults()).isFalse();
            assertThat(abort.getUpdateCount()).isEqualTo(-1);
            TestServer.await(
                    pid(killer), "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = " + pid(other) + ")");
            assertThatThrownBy(() -> run(other, "SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57P01"));
            assertThat(abort.executeUpdate("UPDATE SYS.SESSIONS SET ABORT = 2 WHERE session = -1"))
                    .isZero();
        }
    }

    @Test
    void onlyAbortCanBeSet() throws Exception {
        try (Connection connection = TestServer.connect()) {
            assertThatThrownBy(() -> run(connection, "UPDATE SYS.SESSIONS SET user_name = 'x'"))
                    .hasMessageContaining("Only ABORT can be set");
            assertThatThrownBy(() -> run(connection, "UPDATE SYS.SESSIONS SET ABORT = 1, mode = 'x'"))
                    .hasMessageContaining("Only ABORT can be set");
            assertThatThrownBy(() -> run(connection, "UPDATE SYS.LOCKS SET session = 1"))
                    .hasMessageContaining("cannot be changed");
            run(connection, "CREATE TEMPORARY TABLE IPE_CURSESSIONS (SESSION INT, ABORT INT)");
            run(connection, "INSERT INTO IPE_CURSESSIONS VALUES (1, 0)");
            run(connection, "UPDATE IPE_CURSESSIONS SET ABORT = 7");
            assertThat(one(connection, "SELECT abort FROM IPE_CURSESSIONS")).isEqualTo("7");
        }
    }

    @Test
    void killQueryEndsWhatItsConditionMeetsAndTellsWhich() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection ours = TestServer.connect();
                Connection theirs = TestServer.plain();
                Statement kill = killer.createStatement()) {
            CompletableFuture<Void> one = async(() -> run(ours, "SELECT pg_sleep(30) -- to be killed, ours"));
            CompletableFuture<Void> two = async(() -> run(theirs, "SELECT pg_sleep(30) -- to be killed, theirs"));
            awaitRunning(pid(ours), "-- to be killed");
            awaitRunning(pid(theirs), "-- to be killed");
            String condition = "KILL QUERY WHERE query LIKE '%-- to be killed%' -- comment";

            assertThat(column(killer, condition + "\nTEST")).containsExactly("unknown_status", "unknown_status");
            assertThat(column(killer, condition + "\nSYNC")).containsExactlyInAnyOrder("finished", "waiting");

            assertThat(failure(one))
                    .isInstanceOfSatisfying(
                            StatementEndedException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.KILLED));
            assertThat(failure(two).getMessage()).contains("due to user request");
            try (ResultSet none = kill.executeQuery("KILL QUERY WHERE session_id = -1")) {
                assertThat(none.next()).isFalse();
                assertThat(none.getMetaData().getColumnName(1)).isEqualTo("kill_status");
            }
            assertThatThrownBy(() -> kill.execute("KILL QUERY"))
                    .hasMessageContaining("Write KILL QUERY WHERE condition [SYNC | ASYNC | TEST].");
        }
    }

    @Test
    void stopStatementEndsTheOneOfItsNumber() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection killed = TestServer.connect()) {
            CompletableFuture<Void> running = async(() -> run(killed, "SELECT pg_sleep(30) -- stopped"));
            awaitRunning(pid(killed), "-- stopped");
            String id = one(killer, "SELECT statement_id FROM SYSTEM.PROCESSES WHERE session_id = " + pid(killed));

            assertThat(one(killer, "SELECT STOP_STATEMENT(" + id + ")")).isEqualTo("executed");

            assertThat(failure(running)).hasMessageContaining("killed by session " + pid(killer));
            assertThat(one(killer, "CALL SYS.STOP_STATEMENT(" + id + ")")).isEqualTo("executed");
            assertThatThrownBy(() -> run(killer, "SELECT STOP_STATEMENT(1) + 1"))
                    .hasMessageContaining("can be called alone only");
            assertThatThrownBy(() -> run(killer, "SELECT STOP_STATEMENT()"))
                    .hasMessageContaining("takes 1 arguments, and not 0");
        }
    }

    @Test
    void killSessionTakesItsNumberFromAParameterAndKnowsWhoIsThere() throws Exception {
        try (Connection killer = TestServer.connect();
                Connection killed = TestServer.connect();
                PreparedStatement kill = killer.prepareStatement("KILL SESSION ? DISCONNECT")) {
            int pid = pid(killed);
            kill.setInt(1, pid);
            kill.execute();
            assertThat(kill.getUpdateCount()).isZero();
            TestServer.await(pid(killer), "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = " + pid + ")");
            assertThatThrownBy(() -> run(killer, "SELECT KILL_SESSION(1, 'CANCEL')"))
                    .hasMessageContaining("There is no session 1 in this database");
            assertThatThrownBy(() -> run(killer, "KILL SESSION x")).hasMessageContaining("Write KILL SESSION number");
            assertThatThrownBy(kill::addBatch).hasMessageContaining("cannot be one of a batch");
        }
    }
}
