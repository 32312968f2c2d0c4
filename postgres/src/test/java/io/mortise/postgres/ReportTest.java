package io.mortise.postgres;

import static io.mortise.postgres.TestServer.async;
import static io.mortise.postgres.TestServer.awaitLockWait;
import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.pid;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Errors of locks that say who else took part: with the row's key, the holder's statement, thread and call site. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class ReportTest {
    private static void table(String name) throws SQLException {
        try (Connection connection = TestServer.connect()) {
            run(connection, "CREATE TABLE " + name + " (ID INT PRIMARY KEY, V INT)");
            run(connection, "INSERT INTO " + name + " VALUES (1, 0), (2, 0)");
        }
    }

    @Test
    void aLockTimeoutNamesTheRowAndItsHolder() throws Exception {
        table("TIMED");
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect("LOCK_TIMEOUT=1500")) {
            holder.setAutoCommit(false);
            waiter.setAutoCommit(false);
            run(holder, "UPDATE TIMED SET V = 1 WHERE ID = 2 -- the holder's");

            assertThatThrownBy(() -> run(waiter, "UPDATE TIMED SET V = 2 WHERE ID = 2"))
                    .isInstanceOfSatisfying(LockTimeoutException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("HYT00");
                        assertThat(e.getErrorCode()).isEqualTo(50200);
                        assertThat(e.isTransactionAlive()).isFalse();
                        assertThat(e.report().target()).isEqualTo("public.timed(id=2)");
                        Participant blocker = e.blockers().get(0);
                        assertThat(blocker.session()).isEqualTo(pidOf(holder));
                        assertThat(blocker.sql()).contains("-- the holder's");
                        assertThat(blocker.thread())
                                .isEqualTo(Thread.currentThread().getName());
                        assertThat(blocker.doing()).isEqualTo("IDLE IN TRANSACTION");
                        assertThat(blocker.callSite()).isNotEmpty();
                    })
                    .hasMessageContaining("public.timed(id=2)")
                    .hasMessageContaining("or put IDLE_IN_TRANSACTION_TIMEOUT=5000 in the URL")
                    .hasMessageContaining("SELECT pg_catalog.pg_terminate_backend(" + pidOf(holder) + ")")
                    .hasMessageContaining("rollback()");
            waiter.rollback();
            assertThat(column(waiter, "SELECT timeouts FROM SYS.LOCK_STATS WHERE table_name = 'timed'"))
                    .containsExactly("1");
        }
    }

    @Test
    void aHolderOfAnotherClientIsNamedAsFarAsTheServerKnowsIt() throws Exception {
        table("TIMED_ELSEWHERE");
        try (Connection holder = TestServer.plain();
                Connection waiter = TestServer.connect("LOCK_TIMEOUT=1500")) {
            holder.setAutoCommit(false);
            run(holder, "LOCK TABLE TIMED_ELSEWHERE");

            assertThatThrownBy(() -> run(waiter, "SELECT * FROM TIMED_ELSEWHERE"))
                    .isInstanceOfSatisfying(LockTimeoutException.class, e -> {
                        assertThat(e.isTransactionAlive()).isTrue();
                        assertThat(e.report().target()).isEqualTo("public.timed_elsewhere");
                        assertThat(e.blockers())
                                .extracting(Participant::session)
                                .containsExactly(pidOf(holder));
                        assertThat(e.blockers().get(0).sql()).isEqualTo("LOCK TABLE TIMED_ELSEWHERE");
                    });
        }
    }

    @Test
    void aWaitThatNobodyHasSeenSaysSo() throws Exception {
        table("UNSEEN");
        try (Connection holder = TestServer.connect();
                Connection waiter = TestServer.connect()) {
            holder.setAutoCommit(false);
            run(holder, "SELECT * FROM UNSEEN FOR UPDATE");

            assertThatThrownBy(() -> run(waiter, "SELECT * FROM UNSEEN FOR UPDATE NOWAIT"))
                    .isInstanceOf(LockTimeoutException.class)
                    .hasMessageContaining("nobody had looked yet");
        }
    }

    @Test
    void aDeadlockNamesBothSidesAndIsInTheJournal() throws Exception {
        table("CROSSED");
        try (Connection first = TestServer.connect("options=-c%20deadlock_timeout=2s");
                Connection second = TestServer.connect("options=-c%20deadlock_timeout=2s");
                Connection reader = TestServer.connect()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            run(first, "UPDATE CROSSED SET V = 1 WHERE ID = 1");
            run(second, "UPDATE CROSSED SET V = 2 WHERE ID = 2");
            CompletableFuture<Void> one = async(() -> crossing(first, 2));
            awaitLockWait(pid(first));
            CompletableFuture<Void> two = async(() -> crossing(second, 1));

            Throwable victim = victim(one, two);

            assertThat(victim)
                    .isInstanceOfSatisfying(DeadlockException.class, e -> {
                        assertThat(e.getSQLState()).isEqualTo("40001");
                        assertThat(e.report().cycle())
                                .extracting(link -> link.party().session())
                                .containsExactlyInAnyOrder(pidOf(first), pidOf(second));
                        assertThat(e.report().cycle())
                                .extracting(link -> link.target())
                                .containsExactlyInAnyOrder("public.crossed(id=1)", "public.crossed(id=2)");
                    })
                    .hasMessageContaining("UPDATE CROSSED SET V = 3 WHERE ID = 1")
                    .hasMessageContaining("UPDATE CROSSED SET V = 3 WHERE ID = 2");
            assertThat(column(reader, "SELECT session FROM SYS.DEADLOCKS WHERE sql_text LIKE '%CROSSED%'"))
                    .containsExactlyInAnyOrderElementsOf(Stream.of(first, second)
                            .map(ReportTest::pidOf)
                            .map(String::valueOf)
                            .toList());
        }
    }

    private static void crossing(Connection connection, int id) throws SQLException {
        run(connection, "UPDATE CROSSED SET V = 3 WHERE ID = " + id);
    }

    /** What the one has failed with; the other has not. */
    private static Throwable victim(CompletableFuture<Void> one, CompletableFuture<Void> two) throws Exception {
        List<Throwable> failures = new ArrayList<>();
        for (CompletableFuture<Void> each : List.of(one, two)) {
            each.handle((done, error) -> error == null ? failures : failures.add(error.getCause()))
                    .get(60, TimeUnit.SECONDS);
        }
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    private static int pidOf(Connection connection) {
        try {
            return pid(connection);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
