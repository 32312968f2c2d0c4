package io.mortise.engine.thread;

/**
 * The interrupt of a thread that was interrupted before it called. Storage would lose a file or a wait of its own to
 * it, so it is held back, and restored when the call returns. Waits for locks look here, so they end all the same. Each
 * thread sees its own only.
 */
public final class HeldInterrupt {
    /** How many calls of the thread hold one; nothing for nearly all threads. */
    private static final ThreadLocal<Integer> HELD = new ThreadLocal<>();

    private HeldInterrupt() {}

    /**
     * Takes the thread's flag down.
     *
     * @return was it up? Then {@link #giveBack} has to follow
     */
    public static boolean hold() {
        boolean wasUp = Thread.interrupted();
        boolean isKept = !wasUp;
        try {
            if (wasUp) {
                Integer before = HELD.get();
                HELD.set(before == null ? 1 : before + 1);
                isKept = true;
            }
        } finally {
            if (!isKept) { // An Error: nobody will give it back.
                Thread.currentThread().interrupt();
            }
        }
        return wasUp;
    }

    /** Sets the flag again that was held. */
    public static void giveBack() {
        Integer held = HELD.get();
        if (held == null || held == 1) {
            HELD.remove();
        } else {
            HELD.set(held - 1);
        }
        Thread.currentThread().interrupt();
    }

    /** Has the calling thread been interrupted, before the call or since? The flag stays as it is. */
    public static boolean isUp() {
        return Thread.currentThread().isInterrupted() || HELD.get() != null;
    }
}
