package io.mortise.engine.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken for granted about the channels that H2's store has, for each prefix of a name. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SteadyFilesTest {
    private static final int ROWS = 300;

    @TempDir
    Path folder;

    /** If this fails, H2 has mended it, and the package can go. */
    @Test
    void h2LosesAStoreToAFlagThatIsUp() {
        MVStore store = open("file:", false);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> write(store, 0)).isInstanceOf(MVStoreException.class);
        } finally {
            Thread.interrupted();
            store.closeImmediately();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "file:", "nio:", "split:", "split:14:", "retry:"})
    void aSettledStoreWritesAndReadsWithTheFlagUp(String prefix) throws Exception {
        writesAndReads(prefix, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "split:14:"})
    void soDoesAnEncryptedOne(String prefix) throws Exception {
        writesAndReads(prefix, true);
    }

    private void writesAndReads(String prefix, boolean encrypted) throws Exception {
        MVStore store = open(prefix, encrypted);
        SteadyFiles.settle(store);
        String name = store.getFileStore().getFileName();
        Thread.currentThread().interrupt();
        try {
            for (int version = 0; version < 5; version++) {
                write(store, version);
            }
            store.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(name).isEqualTo(prefix + file());
        MVStore again = open(prefix, encrypted); // As H2 has it: the file is what it was.
        SteadyFiles.settle(again);
        Thread.currentThread().interrupt();
        try {
            assertThat(again.openMap("M")).hasSize(5 * ROWS).containsEntry(4 * ROWS, "x".repeat(500));
            again.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void thePartsThatASplitStoreAddsLaterAreSteadyToo() throws Exception {
        MVStore store = open("split:14:", false);
        SteadyFiles.settle(store);
        long before = parts();
        Thread.currentThread().interrupt();
        try {
            write(store, 0);
            write(store, 1);
            store.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(parts()).isGreaterThan(before + 1);
    }

    private long parts() throws Exception {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"async:", "nioMapped:"})
    void leavesAloneWhatHasItsOwnWay(String prefix) throws Exception {
        MVStore store = open(prefix, false);
        String before = store.getFileStore().toString();
        SteadyFiles.settle(store);
        assertThat(store.getFileStore()).hasToString(before);
        write(store, 0);
        store.close();
    }

    @Test
    void aReadOnlyStoreIsReadWithTheFlagUp() throws Exception {
        MVStore made = open("file:", false);
        write(made, 0);
        made.close();
        MVStore store =
                new MVStore.Builder().fileName(file()).readOnly().cacheSize(0).open();
        SteadyFiles.settle(store);
        Thread.currentThread().interrupt();
        try {
            assertThat(store.openMap("M")).hasSize(ROWS);
            store.close();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aStoreInMemoryHasNoFile() throws Exception {
        MVStore store = new MVStore.Builder().open();
        SteadyFiles.settle(store);
        write(store, 0);
        store.close();
    }

    @Test
    void anErrorNamesTheFileAndNoClass() throws Exception {
        MVStore store = open("file:", false);
        SteadyFiles.settle(store);
        assertThat(store.getFileStore().toString()).doesNotContain("SteadyFile");
        store.close();
    }

    private static void write(MVStore store, int version) {
        MVMap<Integer, String> map = store.openMap("M");
        for (int row = 0; row < ROWS; row++) {
            map.put(version * ROWS + row, "x".repeat(500));
        }
        store.commit();
    }

    private String file() {
        return folder.resolve("store.mv.db").toString();
    }

    private MVStore open(String prefix, boolean encrypted) {
        MVStore.Builder builder = new MVStore.Builder()
                .fileName(prefix + file())
                .autoCommitDisabled()
                .cacheSize(0);
        return (encrypted ? builder.encryptionKey("key".toCharArray()) : builder).open();
    }
}
