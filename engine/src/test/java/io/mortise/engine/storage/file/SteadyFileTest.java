package io.mortise.engine.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.store.fs.FilePath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class SteadyFileTest {
    private static final int BLOCK = 512;

    @TempDir
    Path folder;

    @AfterEach
    void noFlagIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void holdsWhatAChannelOfJavaHolds() throws Exception {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        try (FileChannel java = plain("java");
                FileChannel steady = SteadyFile.open(path("steady"), "rw")) {
            for (int step = 0; step < 3_000; step++) {
                String what = "-Dseed=" + seed + ", step " + step;
                doTheSame(random, List.of(java, steady), what);
                assertThat(steady.size()).as(what).isEqualTo(java.size());
            }
        }
        assertThat(path("steady")).as("-Dseed=" + seed).hasSameBinaryContentAs(path("java"));
    }

    private static void doTheSame(Random random, List<FileChannel> channels, String what) throws IOException {
        int kind = random.nextInt(10);
        long position = random.nextInt(100_000);
        byte[] bytes = new byte[random.nextInt(90_000)];
        boolean direct = random.nextBoolean();
        random.nextBytes(bytes);
        List<Object> answers = new ArrayList<>();
        for (FileChannel channel : channels) {
            ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(bytes.length) : ByteBuffer.allocate(bytes.length);
            if (kind == 0) {
                channel.truncate(position);
            } else if (kind < 5) {
                buffer.put(bytes).flip();
                answers.add(channel.write(buffer, position));
            } else {
                answers.add(fill(channel, position, buffer));
            }
            answers.add(buffer.flip());
        }
        int half = answers.size() / 2;
        assertThat(answers.subList(0, half)).as(what).isEqualTo(answers.subList(half, answers.size()));
    }

    /** One call may return less than there is, of a direct buffer. */
    private static int fill(FileChannel channel, long position, ByteBuffer buffer) throws IOException {
        int last = channel.read(buffer, position);
        int all = last;
        while (last > 0 && buffer.hasRemaining()) {
            last = channel.read(buffer, position + all);
            all += Math.max(last, 0);
        }
        return all;
    }

    @Test
    void aFlagThatIsUpClosesAChannelOfJavaAndNotThisOne() throws Exception {
        try (FileChannel java = plain("java");
                FileChannel steady = SteadyFile.open(path("steady"), "rw")) {
            Thread.currentThread().interrupt();
            try {
                steady.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
                steady.truncate(2);
                steady.force(true);
                assertThat(steady.read(ByteBuffer.allocate(3), 0)).isEqualTo(2);
                assertThat(steady.size()).isEqualTo(2);
                assertThat(steady.tryLock()).isNotNull();
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
                assertThatThrownBy(() -> java.write(ByteBuffer.allocate(1), 0))
                        .isInstanceOf(ClosedByInterruptException.class);
            } finally {
                Thread.interrupted();
            }
            assertThat(java.isOpen()).isFalse();
            assertThat(steady.isOpen()).isTrue();
        }
    }

    @Test
    void anInterruptInTheMiddleOfAWriteIsOnlyAFlag() throws Exception {
        Semaphore turns = new Semaphore(0);
        try (FileChannel steady = SteadyFile.open(path("steady"), "rw")) {
            Thread worker = Thread.currentThread();
            int writes = 400;
            Thread interrupter = new Thread(() -> {
                for (int i = 0; i < writes; i++) {
                    turns.acquireUninterruptibly();
                    worker.interrupt();
                }
            });
            interrupter.start();
            ByteBuffer block = ByteBuffer.allocate(256 * 1024);
            for (int i = 0; i < writes; i++) {
                turns.release();
                steady.write(block.clear().put(0, (byte) i), 0);
                steady.read(block.clear(), 0);
                assertThat(block.get(0)).isEqualTo((byte) i);
            }
            while (interrupter.isAlive()) {
                joinOnce(interrupter);
            }
        } finally {
            Thread.interrupted();
        }
    }

    private static void joinOnce(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            assertThat(e).as("one of those that were sent").isNotNull();
        }
    }

    @Test
    void manyReadAtOnceWhatEachAsksFor() throws Exception {
        try (FileChannel steady = SteadyFile.open(path("steady"), "rw")) {
            fillWithNumbers(steady, 1_000);

            readBlocks(steady, 1_000);
        }
    }

    @Test
    void whoeverReadsAfterThePathLeadsElsewhereReadsTheFileThatWasOpened() throws Exception {
        try (FileChannel steady = SteadyFile.open(path("steady"), "rw")) {
            fillWithNumbers(steady, 1_000);
            Files.delete(path("steady"));
            Files.write(path("steady"), new byte[1_000 * BLOCK]);

            readBlocks(steady, 1_000);
        }
    }

    private static void fillWithNumbers(FileChannel channel, int blocks) throws IOException {
        for (int i = 0; i < blocks; i++) {
            channel.write(ByteBuffer.allocate(BLOCK).putInt(0, i), (long) i * BLOCK);
        }
    }

    private static void readBlocks(FileChannel channel, int blocks) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int reader = 0; reader < 6; reader++) {
                Random random = new Random(reader);
                Callable<Void> work = () -> {
                    for (int i = 0; i < 5_000; i++) {
                        int block = random.nextInt(blocks);
                        ByteBuffer read = ByteBuffer.allocate(BLOCK);
                        assertThat(channel.read(read, (long) block * BLOCK)).isEqualTo(BLOCK);
                        assertThat(read.getInt(0)).isEqualTo(block);
                    }
                    return null;
                };
                all.add(readers.submit(work));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            readers.shutdown();
        }
    }

    @Test
    void theLockOfTheChannelThatWasThereIsKeptToTheEnd() throws Exception {
        FileChannel original = plain("file");
        assertThat(original.tryLock()).isNotNull();
        FileChannel steady = SteadyFile.over(original, path("file"), "rw");
        fillWithNumbers(steady, 100);
        readBlocks(steady, 100);
        assertThat(original.isOpen()).isTrue();
        try (FileChannel other = plain("file")) {
            assertThatThrownBy(other::tryLock).isInstanceOf(OverlappingFileLockException.class);
            steady.close();
            assertThat(original.isOpen()).isFalse();
            assertThat(other.tryLock()).isNotNull();
        }
    }

    @Test
    void isNotPutOverAFileThatIsAnother() throws Exception {
        try (FileChannel original = plain("file")) {
            assertThat(original.tryLock()).isNotNull();
            Files.move(path("file"), path("moved"));
            Files.write(path("file"), new byte[10]);

            assertThatThrownBy(() -> SteadyFile.over(original, path("file"), "rw"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was replaced");
            assertThat(original.isOpen()).isTrue();
        }
    }

    @Test
    void refusesWhatAChannelOfJavaRefuses() throws Exception {
        Files.write(path("file"), new byte[10]);
        FileChannel readOnly = SteadyFile.open(path("file"), "r");
        assertThatThrownBy(() -> readOnly.write(ByteBuffer.allocate(1), 0))
                .isInstanceOf(NonWritableChannelException.class);
        assertThatThrownBy(() -> readOnly.truncate(1)).isInstanceOf(NonWritableChannelException.class);
        readOnly.close();
        assertThatThrownBy(() -> readOnly.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(readOnly::size).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> readOnly.force(true)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aFileThatIsNotThereIsMissedInH2sWords() {
        FilePath missing = SteadyPath.of(FilePath.get(path("missing").toString()));

        assertThatThrownBy(() -> missing.open("r")).isInstanceOf(NoSuchFileException.class);
    }

    private Path path(String name) {
        return folder.resolve(name);
    }

    private FileChannel plain(String name) throws IOException {
        return FileChannel.open(
                path(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
