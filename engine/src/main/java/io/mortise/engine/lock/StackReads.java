package io.mortise.engine.lock;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How often the stacks of the members of a deadlock may be read: each read stops their threads for a moment, and while it
 * lasts everybody who waits for them waits longer. A deadlock now and then shows where its threads stood; of a storm of
 * them a few do. Thread-safe.
 */
final class StackReads {
    private static final long APART_NANOS = 50_000_000;
    private static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong last = new AtomicLong(NEVER);

    /** May the stacks be read now? Whoever is told so reads them. */
    boolean mayRead(long nowNanos) {
        long before = last.get();
        return (before == NEVER || nowNanos - before >= APART_NANOS) && last.compareAndSet(before, nowNanos);
    }
}
