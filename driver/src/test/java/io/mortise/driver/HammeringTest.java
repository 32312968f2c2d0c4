package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.SessionIsLockedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many statements from many threads on one session. Random runs say their seed and repeat with {@code -Dseed=}. */
@Timeout(600)
final class HammeringTest extends SingleFlight {
    private static final int THREADS = 8;

    @Test
    void twentyThousandStatementsFromAlternatingThreadsAreNeverRefused() throws Exception {
        try (Connection connection = connect("");
                Background other = new Background("other")) {
            for (int i = 0; i < 10_000; i++) {
                // Each begins the moment the other has returned: a late release would refuse it.
                assertThat(worker.does(() -> execute(connection, "SELECT 1"))).isTrue();
                assertThat(other.does(() -> execute(connection, "SELECT 1"))).isTrue();
            }
        }
    }

    private enum Mode {
        FAIL,
        WAIT,
        RETRY
    }

    @ParameterizedTest
    @EnumSource
    void ofEightThreadsOneIsInsideAtATime(Mode mode) throws Exception {
        execute(keeper, "CREATE ALIAS ALONE FOR \"io.mortise.driver.Brake.alone\"");
        int rounds = mode == Mode.RETRY ? 5 : 100;
        AtomicInteger refused = new AtomicInteger();
        List<Background> threads = new ArrayList<>();
        List<Future<Integer>> runs = new ArrayList<>();
        try (Connection connection = connect(";SESSION_BUSY=" + mode)) {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            for (int i = 0; i < THREADS; i++) {
                Background thread = new Background("hammer-" + i);
                threads.add(thread);
                runs.add(thread.starts(() -> {
                    start.await();
                    return hammer(connection, rounds, refused);
                }));
            }
            int done = 0;
            for (Future<Integer> run : runs) {
                done += Background.result(run);
            }

            assertThat(sum()).as("each that was let in has done its work once").isEqualTo(done);
            assertThat(done + refused.get()).isEqualTo(THREADS * rounds);
            if (mode == Mode.FAIL) {
                assertThat(done).isPositive();
            } else {
                assertThat(refused).hasValue(0);
            }
            assertThat(execute(connection, "SELECT 1")).as("it is free").isTrue();
        } finally {
            threads.forEach(Background::close);
        }
    }

    private static int hammer(Connection connection, int rounds, AtomicInteger refused) throws SQLException {
        int done = 0;
        for (int i = 0; i < rounds; i++) {
            try {
                execute(connection, "UPDATE T SET V = V + ALONE() WHERE ID = 1");
                done++;
            } catch (SessionIsLockedException e) {
                refused.incrementAndGet();
            }
        }
        return done;
    }

    @Test
    void aCancelAtAnyMomentHitsItsStatementOrNone() throws Exception {
        cancelAtRandomMoments(1_000);
    }

    @Test
    @Tag("nightly")
    void aHundredThousandCancelsHitTheirStatementsOrNone() throws Exception {
        cancelAtRandomMoments(100_000);
    }

    /**
     * One thread runs a statement that waits for a row, or one that does not; another cancels it before, during or
     * after. The statement that follows is never hit, and the session is free in the end.
     */
    private void cancelAtRandomMoments(int times) throws Exception {
        long seed = Long.getLong("seed", 1);
        System.out.println("cancel at random moments: -Dseed=" + seed);
        Random random = new Random(seed);
        int cancelled = 0;
        keeper.setAutoCommit(false);
        execute(keeper, "UPDATE T SET V = 1 WHERE ID = 1");
        try (Connection connection = connect(";LOCK_TIMEOUT=60000");
                Statement statement = connection.createStatement();
                Statement next = connection.createStatement()) {
            for (int i = 0; i < times; i++) {
                boolean waits = random.nextInt(4) == 0;
                String sql = waits ? "UPDATE T SET V = 2 WHERE ID = 1" : "UPDATE T SET V = V + 1 WHERE ID = 2";
                Future<Integer> run = worker.starts(() -> statement.executeUpdate(sql));
                spin(random.nextInt(200_000));
                do {
                    statement.cancel();
                } while (waits && !run.isDone());
                cancelled += outcome(run, waits);
                assertThat(worker.does(() -> next.executeUpdate("UPDATE T SET V = V + 1 WHERE ID = 3")))
                        .as("round %d: the next statement", i)
                        .isEqualTo(1);
            }
            keeper.setAutoCommit(true);
            assertThat(number(keeper, "SELECT V FROM T WHERE ID = 3")).isEqualTo(times);
            assertThat(number(keeper, "SELECT V FROM T WHERE ID = 2"))
                    .as("each that was not cancelled has done its work, and no other")
                    .isEqualTo(times - cancelled);
        }
    }

    private static int outcome(Future<Integer> run, boolean waits) throws Exception {
        try {
            assertThat(Background.result(run)).isEqualTo(1);
            assertThat(waits).as("it cannot have had the row").isFalse();
            return 0;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("57014");
            return 1;
        }
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
