package io.mortise.engine.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.Recorder;
import org.h2.store.fs.rec.FilePathRec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is found after a kill behind each of many commits, in a file in which there are holes to write into. */
@Timeout(60)
final class NewestChunkTest {
    private static final int OPENINGS = 4;
    private static final int COMMITS = 100;

    @TempDir
    private Path folder;

    /**
     * Commits and counts those that a copy of the file, as a kill would leave it, does not have.
     *
     * @param isMended does each opening begin with the mend?
     */
    private int lost(boolean isMended, boolean isInBackground) throws Exception {
        int lost = 0;
        int number = 0;
        for (int opening = 0; opening < OPENINGS; opening++) {
            SplittableRandom random = new SplittableRandom(opening);
            try (MVStore store = open(isInBackground)) {
                if (isMended) {
                    CheckpointLatch.over(store, () -> {});
                }
                MVMap<Integer, String> rows = store.openMap("rows");
                MVMap<Integer, Integer> last = store.openMap("last");
                for (int commit = 0; commit < COMMITS; commit++) {
                    change(rows, random);
                    last.put(0, ++number);
                    store.commit();
                    lost += lastInACopy() == number ? 0 : 1;
                }
            }
        }
        return lost;
    }

    /** Now and then so much that it does not fit into a hole. */
    private static void change(MVMap<Integer, String> rows, SplittableRandom random) {
        for (int row = random.nextInt(4) == 0 ? 50 : 0; row > 0; row--) {
            rows.put(random.nextInt(300), "x".repeat(random.nextInt(3000)));
        }
    }

    private MVStore open(boolean isInBackground) {
        MVStore store = MVStore.open(folder.resolve("store").toString());
        store.setAutoCommitDelay(isInBackground ? 100_000 : 0);
        store.setRetentionTime(0); // Holes are written into at once, and not after 45 s.
        store.setVersionsToKeep(0);
        return store;
    }

    private int lastInACopy() throws Exception {
        Path copy = Files.copy(folder.resolve("store"), folder.resolve("copy"), StandardCopyOption.REPLACE_EXISTING);
        MVStore opened = MVStore.open(copy.toString());
        try {
            MVMap<Integer, Integer> last = opened.openMap("last");
            return last.getOrDefault(0, 0);
        } finally {
            opened.closeImmediately();
        }
    }

    /** If this fails, H2 has mended it, and {@link NewestChunk} can go. */
    @Test
    void plainH2LosesWhatItHasWritten() throws Exception {
        assertThat(lost(false, false)).isPositive();
    }

    @Test
    void nothingIsLostByWhoCommits() throws Exception {
        assertThat(lost(true, false)).isZero();
    }

    @Test
    void norByTheThreadThatWritesForThem() throws Exception {
        assertThat(lost(true, true)).isZero();
    }

    /** A kill may come between any two writes to the file: also while it compacts, for which it keeps nothing old. */
    @Test
    void afterEachWriteTheLastCommitIsThere() throws Exception {
        AtomicInteger committed = new AtomicInteger();
        List<String> lost = new ArrayList<>();
        FilePathRec.register();
        FilePathRec.setRecorder((operation, name, data, position) -> {
            if (operation == Recorder.WRITE && committed.get() > 0) {
                int found = uncheckedLast();
                if (found < committed.get()) {
                    lost.add(found + " instead of " + committed + " after a write at " + position);
                }
            }
        });
        try {
            for (int opening = 0; opening < OPENINGS; opening++) {
                commitAndCompact(committed, opening);
            }
        } finally {
            FilePathRec.setRecorder(null);
        }
        assertThat(lost).isEmpty();
    }

    private void commitAndCompact(AtomicInteger committed, int opening) {
        MVStore store = MVStore.open("rec:" + folder.resolve("store"));
        store.setAutoCommitDelay(0);
        store.setRetentionTime(0);
        CheckpointLatch.over(store, () -> {});
        MVMap<Integer, String> rows = store.openMap("rows");
        MVMap<Integer, Integer> last = store.openMap("last");
        SplittableRandom random = new SplittableRandom(opening);
        for (int commit = 0; commit < COMMITS; commit++) {
            change(rows, random);
            last.put(0, committed.get() + 1);
            store.commit();
            committed.incrementAndGet();
        }
        store.close(opening % 2 == 0 ? 10_000 : 0);
    }

    private int uncheckedLast() {
        try {
            return lastInACopy();
        } catch (Exception e) {
            return -1; // A file that nobody can open.
        }
    }
}
