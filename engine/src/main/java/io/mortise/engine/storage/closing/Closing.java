package io.mortise.engine.storage.closing;

import io.mortise.engine.lock.LockManager;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How far a database is on its way to being closed, and what is to be done when it is. Thread-safe.
 *
 * <pre>
 *   open ──shutdownBegins──▶ shutting down ──closed──▶ closed
 *    ▲  └───────────────────────closed──────────────────▲
 *    └──────shutdownOver───────┘ (the statement has failed)
 * </pre>
 */
public final class Closing {
    private static final System.Logger LOG = System.getLogger(Closing.class.getName());

    private final LockManager locks;
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();
    private volatile boolean shuttingDown;
    private volatile boolean closed;

    public Closing(LockManager locks) {
        this.locks = locks;
    }

    /** Runs something once the database has begun to close. */
    public void onClose(Runnable action) {
        actions.add(action);
    }

    /**
     * A session begins to shut the database down. H2 rolls the other sessions back before it says that it closes, and one
     * that waits would get its lock and go on.
     */
    public void shutdownBegins() {
        shuttingDown = true;
        locks.endWaits();
    }

    /** The statement that was to shut the database down is over; if it is not closed, it has failed. */
    public void shutdownOver() {
        if (shuttingDown && !closed) {
            shuttingDown = false;
            locks.resume();
        }
    }

    public boolean isShuttingDown() {
        return shuttingDown;
    }

    public boolean isClosed() {
        return closed;
    }

    /** The database begins to close: from now on nobody waits here. What may be done twice is; the rest is done once. */
    public void begin() {
        closed = true;
        locks.close();
        for (Runnable action : actions) {
            if (actions.remove(action)) {
                runQuietly(action);
            }
        }
    }

    /** What fails here must not keep H2 from closing the file. */
    private static void runQuietly(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, "while the database closed", e);
        }
    }
}
