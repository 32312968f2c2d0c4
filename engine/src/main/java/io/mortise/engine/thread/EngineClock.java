package io.mortise.engine.thread;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The engine's clock: nanoseconds that only go forward, for everything that is measured, and the wall-clock time they
 * stand for, for everything that is shown. Immutable.
 *
 * <p>The two are read together once, when the engine opens. Had each conversion asked the wall clock anew, one event
 * would show different times whenever somebody sets that clock.
 */
public final class EngineClock implements LongSupplier {
    private final LongSupplier nanoTime;
    private final long openedNanos;
    private final Instant opened;

    public EngineClock(LongSupplier nanoTime, Instant now) {
        this.nanoTime = nanoTime;
        this.openedNanos = nanoTime.getAsLong();
        this.opened = now;
    }

    public static EngineClock system() {
        return new EngineClock(System::nanoTime, Instant.now());
    }

    @Override
    public long getAsLong() {
        return nanoTime.getAsLong();
    }

    /** The wall-clock time of a moment on this clock. */
    public Instant at(long nanos) {
        return opened.plusNanos(nanos - openedNanos);
    }
}
