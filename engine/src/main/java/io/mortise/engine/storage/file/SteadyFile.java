package io.mortise.engine.storage.file;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.store.fs.FileBaseDefault;
import org.jspecify.annotations.Nullable;

/**
 * An open file that an interrupt cannot close. Thread-safe.
 *
 * <p>A channel of java.nio closes when the flag of a thread is up that uses it, whatever one does, and a database is
 * gone with its channel. So this one reads and writes through {@link RandomAccessFile}. Reads go on side by side: who
 * finds every handle in use opens another, up to a few, as long as the path still leads to the same file. Writes take
 * the first handle.
 *
 * <p>All handles close together and last of all: where locks belong to the process (POSIX), closing any one of them
 * gives back the lock on the file.
 */
final class SteadyFile extends FileBaseDefault {
    private static final int MOST_HANDLES =
            Math.min(16, Math.max(2, Runtime.getRuntime().availableProcessors()));

    private final Path path;
    private final boolean isWritable;
    /** What H2 had opened, and has its lock on; it is only kept open. */
    private final @Nullable FileChannel kept;

    /** What tells this file from another under the same path; null where the system has no such thing. */
    private final @Nullable Object identity;

    private final FileHandle first;
    private final AtomicReferenceArray<@Nullable FileHandle> handles = new AtomicReferenceArray<>(MOST_HANDLES);
    private final ReentrantLock opening = new ReentrantLock();

    @GuardedBy("opening")
    private boolean closed;

    private SteadyFile(Path path, String mode, @Nullable FileChannel kept) throws IOException {
        this.path = path;
        this.isWritable = !"r".equals(mode);
        this.kept = kept;
        this.first = new FileHandle(new RandomAccessFile(path.toFile(), mode));
        handles.set(0, first);
        try {
            this.identity = identity(path);
        } catch (IOException e) {
            first.close();
            throw e;
        }
    }

    /**
     * Opens a file.
     *
     * @param mode that of {@link RandomAccessFile}
     */
    static FileChannel open(Path path, String mode) throws IOException {
        return new SteadyFile(path, mode, null);
    }

    /**
     * Opens the file once more that H2 has just opened, to read and write it from now on. Closing this closes that too.
     *
     * @throws IOException if it cannot be opened, or is another file by now
     */
    static FileChannel over(FileChannel locked, Path path, String mode) throws IOException {
        SteadyFile steady = new SteadyFile(path, mode, locked);
        if (!steady.isLockedHere()) {
            steady.first.close();
            throw new IOException("the file " + path + " was replaced while it was being opened");
        }
        return steady;
    }

    /** The same for a further part of a split file, which H2 does not lock. */
    static FileChannel overPart(FileChannel unlocked, Path path, String mode) throws IOException {
        return new SteadyFile(path, mode, unlocked);
    }

    /** Two locks of one process on one file are refused, whichever descriptors they are on. */
    private boolean isLockedHere() throws IOException {
        try {
            FileLock lock = first.channel().tryLock(0, Long.MAX_VALUE, !isWritable);
            if (lock != null) {
                lock.release();
            }
            return false;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    private static @Nullable Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        checkOpen();
        FileHandle handle = takeAny();
        try {
            return handle.read(into, position);
        } catch (IOException e) {
            throw whatEnded(e);
        } finally {
            handle.giveBack();
        }
    }

    private FileHandle takeAny() {
        for (int i = 0; i < MOST_HANDLES; i++) {
            FileHandle handle = handles.get(i);
            if (handle == null) {
                handle = openAnother(i);
            }
            if (handle == null) {
                break;
            }
            if (handle.tryTake()) {
                return handle;
            }
        }
        first.take();
        return first;
    }

    /** Null if there is none to be had: the path leads elsewhere, descriptors are short, or another thread is at it. */
    private @Nullable FileHandle openAnother(int place) {
        if (!opening.tryLock()) {
            return null;
        }
        try {
            if (closed || handles.get(place) != null || !isSame()) {
                return handles.get(place);
            }
            FileHandle another = new FileHandle(new RandomAccessFile(path.toFile(), "r"));
            if (!isSame()) {
                another.close();
                return null;
            }
            handles.set(place, another);
            return another;
        } catch (IOException e) {
            return null; // Reading goes on with those that are open.
        } finally {
            opening.unlock();
        }
    }

    private boolean isSame() throws IOException {
        Object there = identity(path);
        return identity == null ? there == null : identity.equals(there);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        checkWritable();
        first.take();
        try {
            return first.write(from, position);
        } catch (IOException e) {
            throw whatEnded(e);
        } finally {
            first.giveBack();
        }
    }

    @Override
    protected void implTruncate(long length) throws IOException {
        checkWritable();
        first.take();
        try {
            first.shorten(length);
        } catch (IOException e) {
            throw whatEnded(e);
        } finally {
            first.giveBack();
        }
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        try {
            return first.length();
        } catch (IOException e) {
            throw whatEnded(e);
        }
    }

    @Override
    public void force(boolean metaData) throws IOException {
        checkOpen();
        try {
            first.sync();
        } catch (IOException e) {
            throw whatEnded(e);
        }
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        checkOpen();
        return (kept == null ? first.channel() : kept).tryLock(position, size, shared);
    }

    private void checkOpen() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    private void checkWritable() throws IOException {
        checkOpen();
        if (!isWritable) {
            throw new NonWritableChannelException();
        }
    }

    private IOException whatEnded(IOException failure) {
        if (isOpen()) {
            return failure;
        }
        ClosedChannelException ended = new ClosedChannelException();
        ended.initCause(failure);
        return ended;
    }

    @Override
    protected void implCloseChannel() throws IOException {
        opening.lock();
        try {
            closed = true;
            for (int i = MOST_HANDLES - 1; i >= 0; i--) {
                FileHandle handle = handles.get(i);
                if (handle != null) {
                    handle.close();
                }
            }
        } finally {
            opening.unlock();
            if (kept != null) {
                kept.close();
            }
        }
    }

    /** The path, because H2 names the channel in its errors. */
    @Override
    public String toString() {
        return path.toString();
    }
}
