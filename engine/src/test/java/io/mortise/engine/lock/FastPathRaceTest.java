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
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Threads that take intent locks around the mutex against threads that take strong ones through it. Each strong holder
 * looks whether an intent holder is inside with it; the counters say the truth, because each is raised while its lock
 * is held.
 */
class FastPathRaceTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);
    private static final LockTarget.Schema SCHEMA = new LockTarget.Schema(1);

    @Test
    @Timeout(300)
    void nobodyIsInsideWithAStrongLock() throws Exception {
        race(Long.getLong("seed", 1), 20_000);
    }

    @Test
    @Tag("nightly")
    @Timeout(3_600)
    void nobodyIsInsideWithAStrongLockForLong() throws Exception {
        race(Long.getLong("seed", 1), 3_000_000);
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
            throw new AssertionError("one lock each cannot deadlock");
        }
        own.incrementAndGet();
        int violations = others.get() > 0 ? 1 : 0;
        own.decrementAndGet();
        locks.releaseAll(owner);
        return violations;
    }

    @Test
    @Timeout(300)
    void nobodyRemovesAParentThatAChildReliesOn() throws Exception {
        new Family(Long.getLong("seed", 1), 20_000).race();
    }

    @Test
    @Tag("nightly")
    @Timeout(3_600)
    void nobodyRemovesAParentThatAChildReliesOnForLong() throws Exception {
        new Family(Long.getLong("seed", 1), 2_000_000).race();
    }

    /**
     * Children that share the keys of a few parents around the mutex, against who removes parents. As storage does: a
     * child shares and then looks whether the parent is about to go; who removes it writes that, and then looks who
     * shares. Each counts itself in while it is sure of the parent.
     */
    private static final class Family {
        private static final int PARENTS = 3;

        private final long seed;
        private final int rounds;
        private final LockManager locks = new LockManager(System::nanoTime);
        private final TableGate gate = locks.gate(TABLE);
        private final AtomicIntegerArray leaving = new AtomicIntegerArray(PARENTS);
        private final AtomicIntegerArray children = new AtomicIntegerArray(PARENTS);
        /** Who holds the keys shared, whatever storage says. */
        private final AtomicIntegerArray sharing = new AtomicIntegerArray(PARENTS);
        /** Who holds them exclusively. */
        private final AtomicIntegerArray alone = new AtomicIntegerArray(PARENTS);

        private final AtomicIntegerArray removed = new AtomicIntegerArray(PARENTS);
        private final AtomicInteger relied = new AtomicInteger();

        Family(long seed, int rounds) {
            this.seed = seed;
            this.rounds = rounds;
        }

        void race() throws Exception {
            System.out.println("seed " + seed);
            ExecutorService pool = Executors.newFixedThreadPool(4);
            List<Future<Integer>> runs = new ArrayList<>();
            for (int session = 1; session <= 4; session++) {
                int number = session;
                LockOwner owner = locks.register(session, new UserName("SA"));
                runs.add(pool.submit(() -> run(owner, number)));
            }
            for (Future<Integer> run : runs) {
                assertThat(run.get(SessionThread.NET_SECONDS * 50, TimeUnit.SECONDS))
                        .isZero();
            }
            pool.shutdown();
            assertThat(relied.get()).isPositive();
            assertThat(locks.snapshot().rows()).isEmpty();
            for (int i = 0; i < PARENTS; i++) {
                assertThat(locks.mayBeContended(key(i))).isFalse();
                assertThat(gate.isShared(key(i), locks.register(99, new UserName("SA"))))
                        .isFalse();
            }
            locks.close();
        }

        private static LockTarget.RowKey key(int parent) {
            return new LockTarget.RowKey(TABLE, parent);
        }

        private int run(LockOwner owner, int number) {
            Random random = new Random(seed + number);
            int violations = 0;
            for (int i = 0; i < rounds; i++) {
                int parent = random.nextInt(PARENTS);
                boolean removes = number == 4 ? random.nextInt(4) == 0 : number == 3 && random.nextInt(8) == 0;
                violations += removes ? remove(owner, parent) : refer(owner, parent, random.nextBoolean());
                locks.releaseAll(owner);
            }
            return violations;
        }

        private int refer(LockOwner owner, int parent, boolean aroundMutex) {
            locks.begin(owner);
            if (!aroundMutex || !gate.tryShareKey(owner, key(parent))) {
                acquire(owner, parent, LockMode.S);
            }
            sharing.incrementAndGet(parent);
            int violations = alone.get(parent);
            sharing.decrementAndGet(parent);
            if (leaving.get(parent) != 0) {
                locks.release(owner.id(), key(parent));
                return violations;
            }
            relied.incrementAndGet();
            children.incrementAndGet(parent);
            violations += removed.get(parent);
            children.decrementAndGet(parent);
            return violations;
        }

        private int remove(LockOwner owner, int parent) {
            locks.begin(owner);
            if (!leaving.compareAndSet(parent, 0, owner.session())) {
                return 0; // Storage gives the row to one.
            }
            int violations = 0;
            if (gate.isShared(key(parent), owner) || !locks.admits(owner, key(parent))) {
                acquire(owner, parent, LockMode.X);
                alone.incrementAndGet(parent);
                violations += sharing.get(parent);
                alone.decrementAndGet(parent);
            }
            removed.incrementAndGet(parent);
            violations += children.get(parent);
            removed.decrementAndGet(parent);
            leaving.set(parent, 0);
            return violations;
        }

        private void acquire(LockOwner owner, int parent, LockMode mode) {
            if (!(locks.acquire(owner, key(parent), mode, WaitRule.upTo(3_600_000)) instanceof WaitOutcome.Acquired)) {
                throw new AssertionError("one lock each can not deadlock");
            }
        }
    }
}
