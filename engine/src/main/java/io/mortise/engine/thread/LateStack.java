package io.mortise.engine.thread;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a thread stands at a moment that is put down at once, in words that are made when somebody reads them. A thread
 * that puts down where it stands itself stops no other for that, as {@link StackReads} does. Thread-safe; it does not
 * change once it is put down.
 */
public final class LateStack extends AbstractList<StackTraceElement> {
    @GuardedBy("this")
    private @Nullable Thread thread;

    /** Keeps the classes of the application alive, so it goes with the first reading. */
    @GuardedBy("this")
    private @Nullable Throwable where;

    @GuardedBy("this")
    private List<StackTraceElement> frames = List.of();

    /** @param thread that does not go on before {@link #putDown} has been called */
    public LateStack(Thread thread) {
        this.thread = thread;
    }

    /** Puts down where the thread stands now, unless that is done. By any thread, best by the one that it is about. */
    public synchronized void putDown() {
        putDownOwn();
        Thread about = thread;
        if (about != null) {
            frames = StackReads.top(about.getStackTrace());
            thread = null;
        }
    }

    /** The same if it is about the calling thread; stops no other. */
    public synchronized void putDownOwn() {
        if (thread == Thread.currentThread()) {
            where = new Throwable();
            thread = null;
        }
    }

    /** Makes the words now. */
    public synchronized List<StackTraceElement> read() {
        putDown();
        if (where != null) {
            frames = StackReads.top(where.getStackTrace());
            where = null;
        }
        return frames;
    }

    /** The same if it has been put down; if not, that is left to its thread. */
    public synchronized void readIfPutDown() {
        if (thread == null) {
            read();
        }
    }

    @Override
    public StackTraceElement get(int index) {
        return read().get(index);
    }

    @Override
    public int size() {
        return read().size();
    }
}
