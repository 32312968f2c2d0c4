package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A session that leaves, and another that wants what storage says it holds: the table is not left with a lock of it.
 */
@Timeout(120)
final class LeavingOwnerTest {
    private static final LockTarget.Row ROW = new LockTarget.Row(new LockTarget.Table(1, 39), 1);
    private static final WaitRule HOUR = WaitRule.upTo(TimeUnit.HOURS.toMillis(1));
    private static final int ROUNDS = 2_000;

    private final LockManager locks = new LockManager(System::nanoTime);
    private final LockOwner stays = locks.register(1, new UserName("SA"));
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        other.shutdownNow();
        locks.unregister(stays);
        assertThat(locks.snapshot().rows()).isEmpty();
        locks.close();
    }

    private static Holding holding(OwnerId owner) {
        return new Holding(owner, StatementRecord.NONE);
    }

    @Test
    void whoHasAskedForNothingHasNotEntered() {
        LockOwner leaves = locks.register(2, new UserName("SA"));
        locks.begin(leaves);

        locks.unregister(leaves);

        assertThat(leaves.hasEntered()).isFalse();
    }

    @Test
    void whoHasLeftHoldsNothingWhateverStorageSaid() {
        LockOwner leaves = locks.register(2, new UserName("SA"));
        OwnerId gone = locks.begin(leaves);
        locks.unregister(leaves);

        assertThat(locks.acquireFrom(holding(gone), stays, ROW, LockMode.X, HOUR))
                .isInstanceOf(WaitOutcome.Acquired.class);
        assertThat(locks.snapshot().rows()).noneMatch(row -> row.owner().session() == 2);
    }

    /** H2 closes a session from another thread, in the middle of a statement that goes on for a moment. */
    @Test
    void whoHasLeftGetsNothingAnyMore() {
        LockOwner leaves = locks.register(2, new UserName("SA"));
        locks.unregister(leaves);

        assertThat(locks.acquire(leaves, ROW.table(), LockMode.X, HOUR)).isInstanceOf(WaitOutcome.Refused.class);
        assertThat(locks.acquire(stays, ROW.table(), LockMode.X, HOUR)).isInstanceOf(WaitOutcome.Acquired.class);
    }

    @Test
    void whoLeavesWhileItAsksLeavesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            LockOwner leaves = locks.register(2 + round, new UserName("SA"));
            locks.begin(leaves);
            CyclicBarrier start = new CyclicBarrier(2);
            Future<WaitOutcome> asks = other.submit(() -> {
                await(start);
                return locks.acquire(leaves, ROW.table(), LockMode.X, HOUR);
            });
            await(start);

            locks.unregister(leaves);

            asks.get(60, TimeUnit.SECONDS); // One or the other.
            assertThat(locks.releaseDefunct()).isZero();
            assertThat(locks.snapshot().rows()).isEmpty();
        }
    }

    @Test
    void aSlotOfAStatementGoesWithItsSession() throws Exception {
        LockOwner leaves = locks.register(2, new UserName("SA"));
        LockTarget slot = new LockTarget.StatementSlot(2);
        CyclicBarrier queued = new CyclicBarrier(2);
        locks.addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                await(queued);
            }
        });
        Future<WaitOutcome> waits =
                other.submit(() -> locks.acquireFrom(holding(new OwnerId(2, 0)), stays, slot, LockMode.X, HOUR));
        await(queued);

        locks.unregister(leaves);

        assertThat(waits.get(60, TimeUnit.SECONDS)).isInstanceOf(WaitOutcome.Acquired.class);
        locks.release(stays.id(), slot);
    }

    @Test
    void whoLeavesWhileAnotherEntersItsLockLeavesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            LockOwner leaves = locks.register(2 + round, new UserName("SA"));
            OwnerId holder = locks.begin(leaves);
            CyclicBarrier start = new CyclicBarrier(2);
            Future<WaitOutcome> asks = other.submit(() -> {
                await(start);
                return locks.acquireFrom(holding(holder), stays, ROW, LockMode.X, HOUR);
            });
            await(start);

            locks.unregister(leaves);

            assertThat(asks.get(60, TimeUnit.SECONDS)).isInstanceOf(WaitOutcome.Acquired.class);
            locks.releaseAll(stays);
            assertThat(locks.releaseDefunct()).isZero();
            assertThat(locks.snapshot().rows()).isEmpty();
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
