package io.mortise.engine.journal.log;

import io.mortise.engine.thread.EngineThread;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Writes entries to the application's log, on a thread of its own. Those who tell stand in the middle of a lock
 * request, and nobody knows how long a log takes. The thread ends when there has been nothing to write for a while.
 * Thread-safe.
 */
final class LogThread implements AutoCloseable {
    private static final int WAITING = 64;
    private static final long LINGER_SECONDS = 5;

    private final AtomicLong lost = new AtomicLong();
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            LINGER_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> EngineThread.of("mortise-log", task),
            (task, full) -> lost.incrementAndGet());

    LogThread() {
        thread.allowCoreThreadTimeOut(true);
    }

    /** @param text made on the other thread, and only if somebody listens */
    void write(System.Logger log, Level level, Supplier<String> text) {
        try {
            thread.execute(() -> writeNow(log, level, text));
        } catch (RuntimeException | Error e) { // No thread could be made, say.
            lost.incrementAndGet();
        }
    }

    private void writeNow(System.Logger log, Level level, Supplier<String> text) {
        try {
            if (log.isLoggable(level)) {
                long missing = lost.getAndSet(0);
                // Not as a pattern: there may be braces in it.
                log.log(level, missing == 0 ? text.get() : text.get() + "\n  " + missing + " entries before were lost");
            }
        } catch (RuntimeException | Error e) {
            lost.incrementAndGet(); // A log that fails disturbs nobody, and does not end the thread for the next entry.
        }
    }

    /** What has been told is still written; waits for nothing. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
