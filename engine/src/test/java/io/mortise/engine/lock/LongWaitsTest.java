package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class LongWaitsTest {
    private static final long SECOND = 1_000_000_000;
    private static final LockTarget.Name NAME = new LockTarget.Name("n");

    @Test
    void ofManyLongWaitsAtATimeOneTellsOfAll() {
        AtomicLong clock = new AtomicLong();
        AtomicLong read = new AtomicLong();
        List<LockSnapshot> told = new ArrayList<>();
        WaitNews news = new WaitNews(clock::get, new Parties());
        news.add(new LockListener() {
            @Override
            public void waitIsLong(LockSnapshot snapshot) {
                told.add(snapshot);
            }
        });

        for (int waiter = 0; waiter < 10_000; waiter++) {
            news.tellLong(600 * SECOND, () -> {
                read.incrementAndGet();
                return new LockSnapshot(clock.get(), List.of(), Map.of());
            });
            clock.addAndGet(SECOND / 5_000);
        }

        assertThat(told).extracting(LockSnapshot::atNanos).containsExactly(0L, SECOND);
        assertThat(read).hasValue(2);
    }

    @Test
    void whoeverHoldsWhatAnotherWaitsForKeepsHimWaiting() throws Exception {
        LockManager locks = new LockManager(System::nanoTime);
        try (SessionThread holder = new SessionThread(1, locks);
                SessionThread reader = new SessionThread(2, locks);
                SessionThread waiter = new SessionThread(3, locks)) {
            holder.acquires(NAME, LockMode.S);
            reader.acquires(NAME, LockMode.S);
            reader.acquires(new LockTarget.Name("alone"), LockMode.X);
            assertThat(locks.keepsWaiting(1)).isFalse();

            Future<WaitOutcome> wait = waiter.waitsFor(NAME, LockMode.X);

            assertThat(locks.keepsWaiting(1)).isTrue();
            assertThat(locks.keepsWaiting(2)).isTrue();
            assertThat(locks.keepsWaiting(3)).isFalse();
            assertThat(locks.keepsWaiting(4)).isFalse();
            holder.releasesAll();
            assertThat(locks.keepsWaiting(1)).isFalse();
            reader.releasesAll();
            assertThat(SessionThread.finish(wait)).isInstanceOf(WaitOutcome.Acquired.class);
            waiter.releasesAll();
        }
        locks.close();
    }
}
