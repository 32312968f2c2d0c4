package io.mortise.engine.fault;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Lies in wait at one place, for one thread, and acts once. Set up and taken away by tests, one at a time. */
public final class Ambush implements Intruder {
    private record Trap(Spot spot, Thread victim, Runnable action) {}

    private static final AtomicReference<@Nullable Trap> TRAP = new AtomicReference<>();

    /** The next time that the calling thread comes to this place, this is done. */
    public static void lay(Spot spot, Runnable action) {
        TRAP.set(new Trap(spot, Thread.currentThread(), action));
    }

    /** Takes the trap away; was it still there? */
    public static boolean lift() {
        return TRAP.getAndSet(null) != null;
    }

    /** An Error that nobody expects. */
    public static void fail() {
        throw new OutOfMemoryError("injected");
    }

    @Override
    public void at(Spot spot) {
        Trap trap = TRAP.get();
        if (trap != null
                && trap.spot == spot
                && trap.victim == Thread.currentThread()
                && TRAP.compareAndSet(trap, null)) {
            trap.action.run();
        }
    }
}
