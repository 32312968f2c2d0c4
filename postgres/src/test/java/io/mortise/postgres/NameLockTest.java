package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitLockWait;
import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.done;
import static io.mortise.postgres.TestServer.one;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.LockTimeoutException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Locks on names and LOCK TABLE on a server: who gets them, who waits, how long. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class NameLockTest {
    @Test
    void anAdvisoryLockIsTheTransactionsAndIsShownByItsName() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect("LOCK_TIMEOUT=20000");
                Connection reader = TestServer.connect();
                PreparedStatement lock = holder.prepareStatement("SELECT ADVISORY_LOCK(?)")) {
            holder.setAutoCommit(false);
            waiter.setAutoCommit(false);
            lock.setString(1, "rate limit");
            try (ResultSet got = lock.executeQuery()) {
                assertThat(got.next()).isTrue();
                assertThat(got.getBoolean("advisory_lock")).isTrue();
            }
            CompletableFuture<Void> waiting = async(() -> run(waiter, "CALL ADVISORY_LOCK('rate limit')"));
            awaitLockWait(pid(waiter));

            assertThat(column(
                            reader,
                            "SELECT session || ' ' || blocking_session || ' ' || row_key FROM SYS.LOCK_WAITS AS w"
                                    + " WHERE w.target_kind = 'ADVISORY'"))
                    .containsExactly(pid(waiter) + " " + pid(holder) + " rate limit");

            holder.commit();
            done(waiting);
            waiter.rollback();
        }
    }

    @Test
    void aLockThatIsNotToBeHadInTimeEndsTheTransactionOrIsFalse() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect("LOCK_TIMEOUT=20000")) {
            assertThat(one(holder, "SELECT SESSION_LOCK('nightly')")).isEqualTo("t");
            assertThat(one(holder, "SELECT SESSION_LOCK('nightly', 100)")).isEqualTo("t");
            waiter.setAutoCommit(false);

            assertThat(one(waiter, "SELECT SESSION_LOCK('nightly', 0)")).isEqualTo("f");
            assertThat(one(waiter, "SELECT * FROM SESSION_LOCK('nightly', 30)")).isEqualTo("f");
            assertThat(one(waiter, "SHOW lock_timeout")).isEqualTo("20s");
            assertThatThrownBy(() -> run(waiter, "SELECT ADVISORY_LOCK('nightly', 2500)"))
                    .isInstanceOfSatisfying(LockTimeoutException.class, e -> {
                        assertThat(e.report().target()).contains("nightly");
                        assertThat(e.report().timeoutMillis()).isEqualTo(2500);
                    });
            waiter.rollback();

            assertThat(one(holder, "SELECT SESSION_UNLOCK('nightly')")).isEqualTo("t");
            assertThat(one(waiter, "SELECT SESSION_LOCK('nightly', 0)")).isEqualTo("f");
            assertThat(one(holder, "SELECT SESSION_UNLOCK('nightly')")).isEqualTo("t");
            assertThat(one(waiter, "SELECT SESSION_LOCK('nightly', 1000)")).isEqualTo("t");
            assertThat(one(holder, "SELECT SESSION_UNLOCK('nightly')")).isEqualTo("f");
        }
    }

    @Test
    void inAutocommitAnAdvisoryLockIsGoneAtOnceAndAWarningSaysSo() throws Exception {
        try (Connection connection = TestServer.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT ADVISORY_LOCK('gone', 50)");
            assertThat(String.valueOf(statement.getWarnings()) + connection.getWarnings())
                    .contains("given back as the statement ended");
            assertThat(one(connection, "SHOW lock_timeout")).isEqualTo("0");
        }
    }

    @Test
    void lockTableWaitsAsLongAsItSays() throws Exception {
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect("LOCK_TIMEOUT=20000")) {
            run(holder, "CREATE TABLE WHOLE (ID INT)");
            holder.setAutoCommit(false);
            waiter.setAutoCommit(false);
            run(holder, "LOCK TABLE WHOLE IN SHARE MODE WAIT 2");
            run(waiter, "LOCK TABLE WHOLE IN SHARE MODE WAIT 1.5;");
            assertThat(one(waiter, "SHOW lock_timeout")).isEqualTo("20s");

            assertThatThrownBy(() -> run(waiter, "LOCK TABLE WHOLE IN EXCLUSIVE MODE WAIT 2.5"))
                    .isInstanceOfSatisfying(LockTimeoutException.class, e -> {
                        assertThat(e.report().target()).isEqualTo("public.whole");
                        assertThat(e.report().timeoutMillis()).isEqualTo(2500);
                    });
            waiter.rollback();
            assertThatThrownBy(() -> run(waiter, "LOCK TABLE WHOLE IN EXCLUSIVE MODE WAIT 0"))
                    .isInstanceOf(LockTimeoutException.class);
            waiter.rollback();
            assertThat(one(waiter, "SHOW lock_timeout")).isEqualTo("20s");
            assertThatThrownBy(() -> run(waiter, "LOCK TABLE WHOLE IN SHARE MODE WAIT long"))
                    .hasMessageContaining("Write LOCK TABLE");
            waiter.setAutoCommit(true);
            assertThatThrownBy(() -> run(waiter, "LOCK TABLE WHOLE IN SHARE MODE WAIT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25P01"));
            assertThat(one(waiter, "SHOW lock_timeout")).isEqualTo("20s");
        }
    }

    @Test
    void aNamedSessionIsClosedByItsOwnFunction() throws Exception {
        try (Connection named = TestServer.connect("SESSION_ID=shut")) {
            int before = pid(named);
            assertThat(one(named, "SELECT CLOSE_SESSION()")).isEqualTo("executed");
            assertThat(one(named, "SELECT pg_backend_pid()")).isNotEqualTo(String.valueOf(before));

            named.setAutoCommit(false);
            one(named, "SELECT CLOSE_SESSION()");
            assertThat(named.getAutoCommit()).isTrue();
            named.rollback();
            assertThat(one(named, "SELECT 1")).isEqualTo("1");
        }
        try (Connection nameless = TestServer.connect()) {
            assertThatThrownBy(() -> run(nameless, "SELECT CLOSE_SESSION()")).hasMessageContaining("has no name");
        }
    }
}
