package io.mortise.engine.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread at a time, however many come, and whoever sleeps wakes. */
@Timeout(60)
final class BriefMutexTest {
    private static final int THREADS = 8;
    private static final int TIMES = 20_000;

    private final BriefMutex mutex = new BriefMutex();
    private int counted;

    @Test
    void oneThreadAtATimeHasIt() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(() -> {
                for (int time = 0; time < TIMES; time++) {
                    count();
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(counted).isEqualTo(THREADS * TIMES);
    }

    private void count() {
        mutex.lock();
        try {
            counted++;
        } finally {
            mutex.unlock();
        }
    }

    @Test
    void whoSleepsBeforeItWakesWhenItIsFree() throws InterruptedException {
        mutex.lock();
        Thread sleeper = new Thread(this::count);
        sleeper.start();
        while (sleeper.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(mutex.tryLock()).isFalse();
        mutex.unlock();
        sleeper.join();

        assertThat(counted).isEqualTo(1);
        assertThat(mutex.tryLock()).isTrue();
    }

    @Test
    void anInterruptIsKeptForTheOneWhoIsMeant() {
        Thread.currentThread().interrupt();
        count();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(counted).isEqualTo(1);
    }
}
