package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that take intent locks around the mutex against threads that take strong ones through it. Each strong holder
 * looks whether an intent holder is inside with it; the counters say the truth, because each is raised while its lock is
 * held.
 */
class FastPathRaceTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);
    private static final LockTarget.Schema SCHEMA = new LockTarget.Schema(1);

    @Test
    @Timeout(300)
    void nobodyIsInsideWithAStrongLock() throws Exception {
        race(Long.getLong("seed", System.nanoTime()), 20_000);
    }

    @Test
    @Tag("nightly")
    @Timeout(3_600)
    void nobodyIsInsideWithAStrongLockForLong() throws Exception {
        race(Long.getLong("seed", System.nanoTime()), 3_000_000);
    }

    private static void race(long seed, int rounds) throws Exception {
        System.out.println("seed " + seed);
        LockManager locks = new LockManager(System::nanoTime);
        AtomicInteger weak = new AtomicInteger();
        AtomicInteger strong = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Integer>> runs = new ArrayList<>();
        for (int session = 1; session <= 4; session++) {
            int number = session;
            LockOwner owner = locks.register(session, new UserName("SA"));
            runs.add(pool.submit(() -> {
                start.await();
                Random random = new Random(seed + number);
                int violations = 0;
                for (int i = 0; i < rounds; i++) {
                    boolean isStrong = number == 4 && random.nextInt(8) == 0;
                    if (isStrong) {
                        LockTarget target = random.nextBoolean() ? TABLE : SCHEMA;
                        violations += inside(locks, owner, target, LockMode.X, strong, weak);
                    } else {
                        violations += inside(locks, owner, TABLE, LockMode.IX, weak, strong);
                    }
                }
                return violations;
            }));
        }
        start.countDown();
        for (Future<Integer> run : runs) {
            assertThat(run.get(SessionThread.NET_SECONDS * 50, TimeUnit.SECONDS))
                    .isZero();
        }
        pool.shutdown();
        assertThat(locks.snapshot().rows()).isEmpty();
        locks.close();
    }

    /** Takes the lock, counts itself in, and looks who else is there. */
    private static int inside(
            LockManager locks,
            LockOwner owner,
            LockTarget target,
            LockMode mode,
            AtomicInteger own,
            AtomicInteger others) {
        boolean fast = mode == LockMode.IX && locks.tryIntent(owner, locks.gate(TABLE), mode);
        if (!fast && !(locks.acquire(owner, target, mode, WaitRule.upTo(3_600_000)) instanceof WaitOutcome.Acquired)) {
            throw new AssertionError("one lock each can not deadlock");
        }
        own.incrementAndGet();
        int violations = others.get() > 0 ? 1 : 0;
        own.decrementAndGet();
        locks.releaseAll(owner);
        return violations;
    }
}
