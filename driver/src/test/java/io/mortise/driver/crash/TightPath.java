package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A disk that is full when the test says so: H2's {@code tight:} once {@link #mount()} has been called. Thread-safe.
 */
public final class TightPath extends FilePathWrapper {
    static final String FULL = "No space left on device";

    private static final AtomicLong ROOM = new AtomicLong(Long.MAX_VALUE);
    private static final AtomicReference<CountDownLatch> FAILS = new AtomicReference<>();
    private static final Semaphore STANDING = new Semaphore(0);

    /** For H2. */
    public TightPath() {}

    static void mount() {
        FilePath.register(new TightPath());
        setRoom(Long.MAX_VALUE);
    }

    /** Closes it on the full disk, whether that says so or not. */
    static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            assertThat((Throwable) e).hasStackTraceContaining(FULL);
        }
    }

    /** No file can be longer than that from now on. */
    static void setRoom(long bytes) {
        ROOM.set(bytes);
    }

    /** The next write stands still until this is released, and then finds the disk full; so do all behind it. */
    static CountDownLatch nextWriteFails() {
        CountDownLatch release = new CountDownLatch(1);
        STANDING.drainPermits();
        FAILS.set(release);
        return release;
    }

    static void awaitWrite() throws InterruptedException {
        STANDING.acquire();
    }

    private static void standStill() {
        CountDownLatch release = FAILS.getAndSet(null);
        if (release != null) {
            STANDING.release();
            setRoom(0);
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new TightFile(getBase().open(mode));
    }

    @Override
    public String getScheme() {
        return "tight";
    }

    private static final class TightFile extends FileBaseDefault {
        private final FileChannel base;

        TightFile(FileChannel base) {
            this.base = base;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return base.read(into, position);
        }

        /** {@inheritDoc} Half of it gets there, as on a real disk. */
        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            standStill();
            if (position + from.remaining() <= ROOM.get()) {
                return base.write(from, position);
            }
            from.limit(from.position() + from.remaining() / 2);
            base.write(from, position);
            throw new IOException(FULL);
        }

        @Override
        public long size() throws IOException {
            return base.size();
        }

        @Override
        protected void implTruncate(long length) throws IOException {
            base.truncate(length);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            base.force(metaData);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return base.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            base.close();
        }
    }
}
