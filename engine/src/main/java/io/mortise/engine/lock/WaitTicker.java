package io.mortise.engine.lock;

import java.util.concurrent.locks.LockSupport;

/**
 * The one slow tick: while somebody waits, looks every few milliseconds for what nobody tells the lock manager, a cancel
 * that came to storage by another route, or a row that a roll-back to a savepoint has freed. Sleeps for good while nobody
 * waits. Thread-safe.
 */
final class WaitTicker implements AutoCloseable {
    private static final long TICK_NANOS = 10_000_000;

    /** What is done at a tick. */
    interface Round {
        /** @return is there anything to come back for? */
        boolean look();
    }

    private final Thread thread;
    private volatile boolean idle = true;
    private volatile boolean closed;

    WaitTicker(Round round) {
        thread = new Thread(() -> run(round), "mortise-wait-ticker");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Round round) {
        while (!closed) {
            if (idle) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
                // Said before looking: whoever begins to wait after the look finds the ticker idle, and wakes it.
                idle = true;
                if (round.look()) {
                    idle = false;
                }
            }
        }
    }

    /** Somebody begins to wait. */
    void start() {
        if (idle) {
            idle = false;
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
