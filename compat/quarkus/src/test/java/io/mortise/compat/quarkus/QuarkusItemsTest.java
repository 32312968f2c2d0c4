package io.mortise.compat.quarkus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.agroal.api.AgroalDataSource;
import io.mortise.compat.kit.WorksWith;
import io.mortise.engine.error.Retry;
import io.quarkus.runtime.Quarkus;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Quarkus with its pool, its transactions and its Hibernate: one dependency and three settings were added. */
@WorksWith(
        client = "Quarkus",
        from = Quarkus.class,
        tried = "its pool, its transactions and its Hibernate: eight threads move money, deadlocks are run again",
        needs = "`mortise-all`, and the settings [below](#quarkus)")
@QuarkusTest
@Timeout(600)
class QuarkusItemsTest {
    @Inject
    Bank bank;

    @Inject
    AgroalDataSource pool;

    @Test
    void eightThreadsMoveMoneyAndNoneIsLost() throws Exception {
        int first = 100;
        for (int i = 0; i < 4; i++) {
            bank.open(first + i, 1000);
        }
        long before = bank.sum();

        together(8, thread -> {
            for (int round = 0; round < 20; round++) {
                bank.move(first + (thread + round) % 4, first + (thread + round + 1) % 4, 1);
            }
        });

        assertEquals(before, bank.sum());
    }

    @Test
    void twoThatCrossAreADeadlockAndTheVictimRunsAgain() throws Exception {
        bank.open(1, 1000);
        bank.open(2, 1000);
        long before = bank.sum();
        CyclicBarrier bothHaveOne = new CyclicBarrier(2);
        AtomicInteger attempts = new AtomicInteger();

        together(
                2,
                thread -> Retry.times(5).call(() -> {
                    Runnable between = attempts.incrementAndGet() > 2 ? () -> {} : () -> await(bothHaveOne);
                    bank.moveInOrder(1 + thread, 2 - thread, between);
                    return thread;
                }));

        assertEquals(3, attempts.get(), "one of the two was a victim, once");
        assertEquals(before, bank.sum());
    }

    @Test
    void thePoolUnwrapsAndTheLockTablesAreThere() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet sessions = statement.executeQuery("SELECT COUNT(*) FROM SYS.SESSIONS")) {
            assertTrue(sessions.next());
            assertTrue(sessions.getInt(1) > 0);
            assertEquals("H2", connection.getMetaData().getDatabaseProductName());
        }
    }

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void together(int threads, Work work) throws Exception {
        ExecutorService all = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                running.add(all.submit(() -> {
                    work.run(thread);
                    return thread;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            all.shutdownNow();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
