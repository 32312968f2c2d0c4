package io.mortise.engine.storage.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One open descriptor of a file, with a position that belongs to the thread that has taken the handle. Its calls are
 * those of {@link RandomAccessFile}, which no interrupt ends. One thread at a time, between {@link #take} and
 * {@link #giveBack}; but for {@link #length}, {@link #sync} and {@link #close}, which any thread may call.
 */
final class FileHandle {
    /** A buffer that is not an array is copied in pieces of this size. */
    private static final int PIECE = 64 * 1024;

    private final RandomAccessFile file;
    private final ReentrantLock turn = new ReentrantLock();

    FileHandle(RandomAccessFile file) {
        this.file = file;
    }

    boolean tryTake() {
        return turn.tryLock();
    }

    /** Waits for one call of another thread; an interrupt does not end that. */
    void take() {
        turn.lock();
    }

    void giveBack() {
        turn.unlock();
    }

    /** Reads what is there, at most what fits; -1 behind the end. */
    int read(ByteBuffer into, long position) throws IOException {
        if (!into.hasRemaining()) {
            return 0;
        }
        file.seek(position);
        int count;
        if (into.hasArray()) {
            count = file.read(into.array(), into.arrayOffset() + into.position(), into.remaining());
            into.position(into.position() + Math.max(count, 0));
        } else {
            byte[] piece = new byte[Math.min(into.remaining(), PIECE)];
            count = file.read(piece);
            into.put(piece, 0, Math.max(count, 0));
        }
        return count;
    }

    /** Writes all of it. */
    int write(ByteBuffer from, long position) throws IOException {
        int count = from.remaining();
        file.seek(position);
        if (from.hasArray()) {
            file.write(from.array(), from.arrayOffset() + from.position(), count);
            from.position(from.limit());
        } else {
            while (from.hasRemaining()) {
                byte[] piece = new byte[Math.min(from.remaining(), PIECE)];
                from.get(piece);
                file.write(piece);
            }
        }
        return count;
    }

    void shorten(long length) throws IOException {
        if (length < file.length()) {
            file.setLength(length);
        }
    }

    long length() throws IOException {
        return file.length();
    }

    /** Returns once the file's content is on the device. */
    void sync() throws IOException {
        file.getFD().sync();
    }

    /**
     * The descriptor as H2 locks it. Only {@code tryLock} of it may be called: all else can be ended by an interrupt.
     */
    FileChannel channel() {
        return file.getChannel();
    }

    void close() throws IOException {
        file.close();
    }
}
