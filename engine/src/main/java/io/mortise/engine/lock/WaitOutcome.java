package io.mortise.engine.lock;

/** How a request for a lock ended. */
public sealed interface WaitOutcome {
    /** @param waitedNanos 0 if it was free */
    record Acquired(long waitedNanos) implements WaitOutcome {}

    /** The owner holds what it held before; a deadlock victim has to be rolled back. */
    record Refused(WaitEnding ending, WaitReport report) implements WaitOutcome {}

    /** @param report the deadlock that the owner was chosen to give way in */
    record DeadlockVictim(DeadlockReport report) implements WaitOutcome {}

    /** Was the time up? */
    default boolean isTimeout() {
        return this instanceof Refused refused && refused.ending().end() == WaitEnd.TIMEOUT;
    }
}
