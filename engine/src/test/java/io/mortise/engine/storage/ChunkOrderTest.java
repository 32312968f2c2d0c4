package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.checkpoint.CheckpointLatch;
import io.mortise.engine.storage.h2.StoreReflection;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /**
     * What follows while another thread has just handed over all there is, and its writer has come for it but cannot
     * write.
     */
    private interface WhileNothingIsWritten {
        void run(Thread client, FutureTask<Boolean> execution) throws Exception;
    }

    /**
     * A statement that asks for the file while nothing of what another thread has handed over is written yet.
     *
     * @return had it been written when the statement returned?
     */
    private boolean isWrittenBehind(MVStore opened, Statement statement, String sql, WhileNothingIsWritten meanwhile)
            throws Exception {
        store.closeImmediately();
        store = opened;
        ReentrantLock handing = StoreReflection.storeMutex(opened);
        ReentrantLock writing = (ReentrantLock) of("saveChunkLock");
        AtomicBoolean written = new AtomicBoolean();
        FutureTask<Boolean> execution = new FutureTask<>(() -> {
            statement.execute(sql);
            return written.get();
        });
        Thread client = new Thread(execution);
        writing.lock();
        try {
            handing.lock();
            try {
                client.start();
                while (!handing.hasQueuedThread(client)) {
                    Thread.onSpinWait();
                }
                assertThat(opened.tryCommit()).isPositive();
                while (!writing.hasQueuedThreads()) {
                    Thread.onSpinWait();
                }
            } finally {
                handing.unlock();
            }
            while (handing.hasQueuedThread(client)) {
                Thread.onSpinWait();
            }
            meanwhile.run(client, execution);
            written.set(true);
        } finally {
            writing.unlock();
        }
        return execution.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PREPARE COMMIT X", "CHECKPOINT", "CHECKPOINT SYNC"})
    void whatIsToBeInTheFileIs(String sql) throws Exception {
        try (Scene scene = Scene.at("jdbc:h2:file:" + folder.resolve("db"));
                Statement statement = scene.actor().connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            statement.getConnection().setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (1)");
            assertThat(isWrittenBehind(storeOf(statement), statement, sql, (client, execution) -> {
                        while (client.getState() != Thread.State.WAITING && !execution.isDone()) {
                            Thread.onSpinWait();
                        }
                    }))
                    .isTrue();
            statement.getConnection().rollback();
        }
    }

    /** If this does not end, H2 has mended it: the statement waits for the writer then. */
    @Test
    void plainH2DoesNotWait() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("db"), "SA", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (1)");
            assertThat(isWrittenBehind(
                            storeOf(statement), statement, "PREPARE COMMIT X", (client, execution) -> execution.get()))
                    .isFalse();
            statement.execute("ROLLBACK TRANSACTION X");
        }
    }

    private static MVStore storeOf(Statement statement) throws Exception {
        SessionLocal session = (SessionLocal)
                statement.getConnection().unwrap(JdbcConnection.class).getSession();
        return session.getDatabase().getStore().getMvStore();
    }
}
