package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.util.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two chunks of a store of H2's, the second of which is ready before the first is written. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ChunkOrderTest {
    @TempDir
    Path folder;

    private MVStore store;
    private MVMap<Integer, Integer> first;
    private MVMap<Integer, Integer> second;

    @BeforeEach
    void aStore() {
        store = MVStore.open(folder.resolve("store").toString());
        first = store.openMap("first");
        second = store.openMap("second");
        first.put(0, 0);
        second.put(0, 0);
        store.commit();
    }

    @AfterEach
    void close() {
        store.closeImmediately();
    }

    /** Makes two chunks, each with one of the maps, while nothing can be written; then both are. */
    private void twoChunksAtOnce() throws ReflectiveOperationException {
        ReentrantLock writing = (ReentrantLock) of("saveChunkLock");
        ThreadPoolExecutor composer = (ThreadPoolExecutor) of("serializationExecutor");
        writing.lock();
        try {
            first.put(1, 1);
            assertThat(store.tryCommit()).isPositive();
            second.put(1, 1);
            assertThat(store.tryCommit()).isPositive();
            if (of("bufferSaveExecutor") != null) {
                Utils.flushExecutor(composer);
            }
        } finally {
            writing.unlock();
        }
        Utils.flushExecutor(composer);
        Utils.flushExecutor((ThreadPoolExecutor) of("bufferSaveExecutor"));
    }

    private Object of(String field) throws ReflectiveOperationException {
        Field found = FileStore.class.getDeclaredField(field);
        found.setAccessible(true);
        return found.get(store.getFileStore());
    }

    private void checkWhatAKillLeaves() throws Exception {
        Path copy = Files.copy(folder.resolve("store"), folder.resolve("copy" + store.getCurrentVersion()));
        MVStore opened = MVStore.open(copy.toString());
        try {
            assertThat(opened.openMap("first")).containsEntry(1, 1);
            assertThat(opened.openMap("second")).containsEntry(1, 1);
        } finally {
            opened.closeImmediately();
        }
    }

    /** If this fails, H2 has mended it, and {@code ChunkOrder} can go. */
    @Test
    void h2LosesTheFirst() throws Exception {
        twoChunksAtOnce();
        assertThatThrownBy(this::checkWhatAKillLeaves)
                .isInstanceOf(MVStoreException.class)
                .hasMessageContaining("Chunk 2 not found");
    }

    @Test
    void nothingIsLostHere() throws Exception {
        CheckpointLatch.over(store, () -> {});
        twoChunksAtOnce();
        checkWhatAKillLeaves();
    }

    /** H2 makes its threads anew then. */
    @Test
    void nothingIsLostAfterTheDelayHasBeenSet() throws Exception {
        CheckpointLatch.over(store, () -> {});
        for (int delay : new int[] {0, 200, 700}) {
            store.setAutoCommitDelay(delay);
            first.put(2, delay);
            store.commit();
        }
        twoChunksAtOnce();
        checkWhatAKillLeaves();
    }
}
