package io.mortise.postgres.connection;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Whose turn it is with the connection: a client's thread, or a roll-back from outside, which waits for nobody and for
 * which none waits longer than it takes. Thread-safe.
 */
public final class Turn {
    @GuardedBy("this")
    private boolean isInside;

    @GuardedBy("this")
    private boolean isRollingBack;

    @GuardedBy("this")
    private boolean hasLeft;

    /** A client's thread comes in. An interrupt is kept for later. */
    public synchronized void comesIn() {
        boolean interrupted = false;
        while (isRollingBack) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        isInside = true;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    public synchronized void goesOut() {
        isInside = false;
    }

    public synchronized boolean isInside() {
        return isInside;
    }

    /** False if somebody has the connection. {@link #endsRollBack} follows if it is true. */
    public synchronized boolean beginsRollBack() {
        if (isInside || isRollingBack) {
            return false;
        }
        isRollingBack = true;
        return true;
    }

    public synchronized void endsRollBack() {
        isRollingBack = false;
        notifyAll();
    }

    /** The session is over; false if it was before. */
    public synchronized boolean leaves() {
        boolean isFirst = !hasLeft;
        hasLeft = true;
        return isFirst;
    }
}
