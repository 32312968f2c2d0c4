package io.mortise.engine.thread;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does something when its time has come, on a thread of its own that all sessions share. Thread-safe. */
public final class Alarm {
    private static final ScheduledThreadPoolExecutor THREAD =
            new ScheduledThreadPoolExecutor(1, work -> EngineThread.of("mortise-alarm", work));

    static {
        THREAD.setRemoveOnCancelPolicy(true); // Nearly all are cancelled: what they limit ends in time.
        THREAD.setKeepAliveTime(10, TimeUnit.SECONDS);
        THREAD.allowCoreThreadTimeOut(true);
    }

    private Alarm() {}

    /** @param action quick, and does not block: others wait for the thread */
    @CanIgnoreReturnValue
    public static Future<?> in(long millis, Runnable action) {
        return THREAD.schedule(action, millis, TimeUnit.MILLISECONDS);
    }
}
