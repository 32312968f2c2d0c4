package io.mortise.engine.session.gate;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.thread.HeldInterrupt;
import org.jspecify.annotations.Nullable;

/**
 * The thread that is inside a gate. All but {@link #isMe} is for that thread, and handed on with what stands in the
 * gate.
 */
final class Runner {
    /**
     * Only the thread inside writes it, and every thread compares it only with itself, so a stale value cannot mislead.
     * A thread that is not inside has never left its own name here.
     */
    private @Nullable Thread thread;

    /** Had it been interrupted before it came in? That is held until it leaves. */
    private boolean holdsInterrupt;

    /** How often it has come in again. */
    private int depth;

    boolean isMe() {
        return thread == Thread.currentThread();
    }

    boolean isNested() {
        return depth > 0;
    }

    void comesInAgain() {
        depth++;
    }

    /** False if it had not come in again, and so is to leave. */
    boolean goesBack() {
        if (depth == 0) {
            return false;
        }
        depth--;
        return true;
    }

    void comesIn(Thread caller) {
        thread = caller;
        holdsInterrupt = false;
        Spot.SESSION_TAKEN.pass();
        holdsInterrupt = HeldInterrupt.hold();
    }

    /**
     * The calling thread comes in to run this, and does so even if that fails: it may be a close that nobody else would
     * run.
     */
    void comesInTo(Runnable action) {
        try {
            comesIn(Thread.currentThread());
        } finally {
            action.run();
        }
    }

    /** @return was an interrupt held back that has to be restored? */
    boolean leaves() {
        thread = null;
        return holdsInterrupt;
    }
}
