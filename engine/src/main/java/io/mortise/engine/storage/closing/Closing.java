package io.mortise.engine.storage.closing;

import io.mortise.engine.lock.LockManager;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How far a database is on its way to being closed, and what is done when it is. Thread-safe.
 *
 * <pre>
 *   open ──shutdownBegins──▶ shutting down ──closed──▶ closed
 *    ▲  └───────────────────────closed──────────────────▲
 *    └──────shutdownOver───────┘ (the statement has failed)
 * </pre>
 */
public final class Closing {
    private final LockManager locks;
    private final CloseActions actions = new CloseActions();
    private volatile @Nullable Thread by; // runs SHUTDOWN
    private volatile boolean shuttingDown;
    private volatile boolean closed;

    public Closing(LockManager locks) {
        this.locks = locks;
    }

    /** What is done once the database has begun to close. */
    public CloseActions actions() {
        return actions;
    }

    /**
     * A session begins to shut the database down. H2 rolls the other sessions back before it says that it closes, and
     * one that waits would get its lock and go on.
     */
    public void shutdownBegins() {
        by = Thread.currentThread();
        shuttingDown = true;
        locks.endWaits();
    }

    /** The statement that was to shut the database down is over; if it is not closed, it has failed. */
    public void shutdownOver() {
        if (shuttingDown && !closed) {
            shuttingDown = false;
            by = null;
            locks.resume();
        }
    }

    /** Is it the calling thread that shuts the database down? */
    public boolean isShutDownHere() {
        return by == Thread.currentThread();
    }

    public boolean isShuttingDown() {
        return shuttingDown;
    }

    public boolean isClosed() {
        return closed;
    }

    /**
     * The database begins to close: from now on nobody waits here. May be called twice.
     *
     * @param forSlow see {@link CloseActions#close}
     */
    public void begin(Executor forSlow) {
        closed = true;
        locks.close();
        actions.close(forSlow);
    }
}
