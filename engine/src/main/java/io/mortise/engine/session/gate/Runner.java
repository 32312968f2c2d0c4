package io.mortise.engine.session.gate;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.thread.HeldInterrupt;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The thread that is inside a gate. All but {@link #isMe} is for that thread, and handed on with what stands in the
 * gate.
 */
final class Runner {
    private static final VarHandle IN;

    static {
        try {
            IN = MethodHandles.lookup().findVarHandle(Runner.class, "in", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Who is inside, or was last: mostly it is the same, and the collector minds each write of a reference. */
    private @Nullable Thread thread;

    /**
     * Is anybody inside? Written behind {@link #thread}, read before it. Only the thread inside writes the two, and
     * each thread compares that only with itself. A thread that has left has said so here. If another is seen to have
     * come in since, so is its name.
     */
    @SuppressWarnings("FieldMayBeFinal") // through IN
    private boolean in;

    /** Had it been interrupted before it came in? That is held until it leaves. */
    private boolean holdsInterrupt;

    /** How often it has come in again. */
    private int depth;

    boolean isMe() {
        return (boolean) IN.getAcquire(this) && thread == Thread.currentThread();
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
        if (thread != caller) {
            thread = caller;
        }
        IN.setRelease(this, true);
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
        IN.setRelease(this, false);
        return holdsInterrupt;
    }
}
