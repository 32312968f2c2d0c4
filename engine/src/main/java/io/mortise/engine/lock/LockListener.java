package io.mortise.engine.lock;

import java.time.Duration;

/** Told what happens, after it has happened and outside the mutex, on the thread that waits. Must not block. */
public interface LockListener {
    /** A thread stands in a queue and is about to block. */
    default void waitStarted(LockRow request) {}

    /** Every wait that has started ends with this or with {@link #waitBroken}. */
    default void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {}

    /** An Error has ended the wait on its thread: neither granted nor refused. */
    default void waitBroken(LockRow request, Duration waited) {}

    /** Told once a deadlock, on the thread whose request closed it. */
    default void deadlockFound(DeadlockReport report) {}

    /** A wait has lasted {@code LOG_WAIT}, and goes on. Told once a wait. */
    default void waitIsOld(WaitReport report) {}

    /** A wait has lasted {@code da_dump_lkti}. */
    default void waitIsLong(LockSnapshot snapshot) {}
}
