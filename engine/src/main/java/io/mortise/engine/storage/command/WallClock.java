package io.mortise.engine.storage.command;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The time of day at moments for which the engine's clock has been read already. To ask the computer for it costs twice
 * as much as that, which is much beside a SELECT. So it is asked once every 10 ms, and what has passed since is added.
 * Who sets the computer's clock is followed after as long. Thread-safe.
 */
final class WallClock {
    private static final long GOOD_FOR_NANOS = 10_000_000;

    /** Two readings that are further apart were interrupted, and do not belong together. */
    private static final long APART_NANOS = 1_000;

    private record Reading(long nanos, Instant time) {}

    private final LongSupplier nanoTime;
    private final InstantSource source;
    private volatile Reading last;

    /** Where the time of day comes from. */
    interface InstantSource {
        Instant now();
    }

    /** @param nanoTime the engine's clock */
    WallClock(LongSupplier nanoTime, InstantSource source) {
        this.nanoTime = nanoTime;
        this.source = source;
        this.last = new Reading(nanoTime.getAsLong() - GOOD_FOR_NANOS, Instant.EPOCH);
    }

    /** @param nanos when, on the engine's clock: not in the future, and not long ago */
    Instant at(long nanos) {
        Reading known = last;
        long since = nanos - known.nanos;
        return 0 <= since && since < GOOD_FOR_NANOS ? known.time.plusNanos(since) : now();
    }

    Instant now() {
        long before = nanoTime.getAsLong();
        Instant time = source.now();
        long after = nanoTime.getAsLong();
        if (after - before <= APART_NANOS) {
            last = new Reading(after, time); // Not of the first of the two: no time is ever ahead of the computer's.
        }
        return time;
    }
}
