package io.mortise.engine.session.gate;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * How threads wait here: by a clock, and by parking. Immutable.
 *
 * @param parkNanos parks the calling thread for so long; may return early
 */
public record Parking(LongSupplier nanoTime, LongConsumer parkNanos) {
    public static Parking by(LongSupplier nanoTime) {
        return new Parking(nanoTime, LockSupport::parkNanos);
    }

    /**
     * Parks until so long has passed, or the waiter is let in, or its wait is ended; returns the time that has passed.
     */
    long waitFor(SlotWaiter waiter, long nanos) {
        long start = nanoTime.getAsLong();
        long passed = 0;
        while (passed < nanos && !waiter.isAdmitted() && waiter.ending().isEmpty()) {
            parkNanos.accept(nanos - passed);
            passed = nanoTime.getAsLong() - start;
        }
        return passed;
    }
}
