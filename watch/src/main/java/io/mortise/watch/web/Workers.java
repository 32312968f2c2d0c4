package io.mortise.watch.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads that serve requests. Thread-safe.
 *
 * <p>A request has a thread from its first byte on, and a browser may send the second never, or not read what it is
 * sent. So each has a limit, which the work moves on with {@link #allow} as it gets on. Who is late is interrupted,
 * which closes its connection: the JDK's server reads and writes interruptible channels.
 */
final class Workers implements Executor {
    /** For the head of a request, and its body. */
    static final long READING_MILLIS = 10_000;
    /** For what the database says. */
    static final long ANSWERING_MILLIS = 60_000;
    /** For each piece that is written. */
    static final long WRITING_MILLIS = 15_000;

    private static final ThreadLocal<Work> CURRENT = new ThreadLocal<>();

    private final ThreadPoolExecutor threads;
    private final LongSupplier millis;
    private final Set<Work> running = ConcurrentHashMap.newKeySet();

    /** @param millis a clock, from any origin */
    Workers(int most, ThreadFactory factory, LongSupplier millis) {
        this.threads = new ThreadPoolExecutor(0, most, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
        this.millis = millis;
    }

    private final class Work implements Runnable {
        private final Runnable task;

        /** Null before and after. */
        @GuardedBy("this")
        private @Nullable Thread thread;

        @GuardedBy("this")
        private long until;

        Work(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            synchronized (this) {
                thread = Thread.currentThread();
                until = millis.getAsLong() + READING_MILLIS;
            }
            CURRENT.set(this);
            running.add(this);
            try {
                task.run();
            } finally {
                running.remove(this);
                CURRENT.remove();
                synchronized (this) {
                    thread = null;
                }
                // What was meant for this request must not reach the next one that the thread serves.
                Thread.interrupted();
            }
        }

        private synchronized void allow(long allowed) {
            until = millis.getAsLong() + allowed;
        }

        private synchronized void endIfLate() {
            if (thread != null && millis.getAsLong() > until) {
                thread.interrupt();
            }
        }
    }

    /** @throws RejectedExecutionException if all threads are busy; the server closes the connection then */
    @Override
    public void execute(Runnable task) {
        threads.execute(new Work(task));
    }

    /** From now on the request that the calling thread serves may take so many milliseconds more. */
    static void allow(long allowed) {
        Work work = CURRENT.get();
        if (work != null) {
            work.allow(allowed);
        }
    }

    /** Ends the requests that are late. Waits for none of them. */
    void endLate() {
        running.forEach(Work::endIfLate);
    }

    void shutDown() {
        threads.shutdownNow();
    }
}
