package io.mortise.engine.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.h2.StoreReflection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writers and a checkpoint of a store of H2's that has two maps. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class CheckpointLatchTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(1);

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private MVStore store;
    private MVMap<Integer, Integer> table;
    private MVMap<Integer, Integer> index;
    private CheckpointLatch latch;

    @BeforeEach
    void aStore() {
        store = MVStore.open(folder.resolve("store").toString());
        store.setAutoCommitDelay(0);
        table = store.openMap("table");
        index = store.openMap("index");
        store.commit();
        latch = CheckpointLatch.over(store, LONG, LONG);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        store.closeImmediately();
    }

    private void untilClosed() {
        while (!latch.isClosed()) {
            Thread.onSpinWait();
        }
    }

    /** What the file has of each map, were the process killed now. */
    private int[] sizesAfterAKill() throws IOException {
        Path copy = Files.copy(folder.resolve("store"), folder.resolve("copy"));
        try (MVStore opened = MVStore.open(copy.toString())) {
            return new int[] {
                opened.openMap("table").size(), opened.openMap("index").size()
            };
        }
    }

    /** Makes a checkpoint while a writer is between two maps, and waits for both; each part is the writer's. */
    private void checkpointInTheMiddle(Runnable begins, Runnable goesOn, Runnable ends) throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        Future<?> writer = threads.submit(() -> {
            begins.run();
            table.put(1, 1);
            half.countDown();
            untilClosed();
            goesOn.run();
            index.put(1, 1);
            ends.run();
        });
        half.await();
        store.commit();
        writer.get();
    }

    @Test
    void aCheckpointWaitsForAWriterThatIsInside() throws Exception {
        checkpointInTheMiddle(latch::enter, () -> {}, latch::leave);
        assertThat(sizesAfterAKill()).containsExactly(1, 1);
        assertThat(latch.torn()).isZero();
    }

    @Test
    void oneThatWaitsForTheStoreIsNotWaitedFor() throws Exception {
        checkpointInTheMiddle(latch::enter, store::commit, latch::leave);
        assertThat(latch.torn()).isZero();
    }

    @Test
    void whoComesWhileItIsClosedStaysOutside() throws Exception {
        ReentrantLock mutex = StoreReflection.storeMutex(store);
        mutex.lock();
        latch.close();
        Thread writer = new Thread(() -> {
            latch.enter();
            table.put(1, 1);
            latch.leave();
        });
        writer.start();
        while (!mutex.hasQueuedThread(writer)) {
            Thread.onSpinWait();
        }
        assertThat(table).isEmpty();
        latch.open();
        mutex.unlock();
        writer.join();
        assertThat(table).hasSize(1);
    }

    /** As one that fails leaves it. */
    @Test
    void aCheckpointThatNeverOpensItHoldsUpNobody() {
        ReentrantLock mutex = StoreReflection.storeMutex(store);
        mutex.lock();
        latch.close();
        mutex.unlock();
        latch.enter();
        assertThat(latch.isClosed()).isFalse();
    }

    @Test
    void aWriterThatStaysIsWaitedForOnceOnly() throws Exception {
        latch = CheckpointLatch.over(store, SHORT, LONG);
        threads.submit(latch::enter).get();
        table.put(1, 1);
        store.commit();
        assertThat(latch.torn()).isEqualTo(1);
        table.put(2, 2);
        store.commit();
        assertThat(latch.torn()).as("a second checkpoint").isEqualTo(1);
    }

    @Test
    void theEndOfATransactionIsOverWhenEachOfItsTablesHasHadItsNumber() throws Exception {
        checkpointInTheMiddle(
                () -> {
                    latch.ends(7);
                    latch.ends(7);
                    latch.ends(8);
                },
                () -> {},
                () -> latch.ends(8));
        assertThat(sizesAfterAKill()).containsExactly(1, 1);
    }

    @Test
    void anEndThatTakesLongIsNotWaitedForAndIsNoFault() throws Exception {
        latch = CheckpointLatch.over(store, LONG, SHORT);
        threads.submit(() -> latch.ends(7)).get();
        table.put(1, 1);
        store.commit();
        assertThat(sizesAfterAKill()).containsExactly(1, 0);
        assertThat(latch.torn()).isZero();
    }

    /** A roll-back whose trigger failed never came to its end. */
    @Test
    void anEndThatBrokeOffIsForgottenWithTheNextRow() throws Exception {
        checkpointInTheMiddle(
                () -> {
                    latch.ends(7);
                    latch.enter();
                    latch.leave();
                    latch.ends(8);
                },
                () -> {},
                () -> latch.ends(9));
        assertThat(sizesAfterAKill()).as("8 was a beginning").containsExactly(1, 1);
    }

    @Test
    void aStoreInMemoryHasNoCheckpoints() throws Exception {
        try (MVStore memory = new MVStore.Builder().open()) {
            CheckpointLatch idle = CheckpointLatch.over(memory, () -> {});
            idle.enter();
            memory.openMap("table").put(1, 1);
            threads.submit(() -> memory.commit()).get();
            assertThat(idle.torn()).isZero();
        }
    }
}
