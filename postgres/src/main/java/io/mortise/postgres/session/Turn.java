package io.mortise.postgres.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * Whose turn it is with the connection: a client's thread, or a roll-back from outside, which waits for nobody and for which
 * none waits longer than it takes. Thread-safe.
 */
final class Turn {
    @GuardedBy("this")
    private boolean isInside;

    @GuardedBy("this")
    private boolean isRollingBack;

    @GuardedBy("this")
    private boolean hasLeft;

    /** A client's thread comes in. An interrupt is kept for later. */
    synchronized void comesIn() {
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

    synchronized void goesOut() {
        isInside = false;
    }

    synchronized boolean isInside() {
        return isInside;
    }

    /** False if somebody has the connection. {@link #endsRollBack} follows if it is true. */
    synchronized boolean beginsRollBack() {
        if (isInside || isRollingBack) {
            return false;
        }
        isRollingBack = true;
        return true;
    }

    synchronized void endsRollBack() {
        isRollingBack = false;
        notifyAll();
    }

    /** The session is over; false if it was before. */
    synchronized boolean leaves() {
        boolean isFirst = !hasLeft;
        hasLeft = true;
        return isFirst;
    }
}
