package io.mortise.engine.lock;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits for a lock, and how its wait has ended. The thread itself blocks here; who decides says so under
 * the mutex and wakes it afterwards.
 */
final class Waiter {
    /** How a wait has ended. */
    sealed interface End {}

    record WithLock() implements End {}

    /**
     * Without the lock.
     *
     * @param request as it stood in the queue, with its blockers
     * @param queue the requests ahead of it
     */
    record WithoutLock(WaitEnding ending, LockRow request, List<LockRow> queue) implements End {}

    /** As the one who gives way in a deadlock. */
    record AsVictim(Cycle cycle) implements End {}

    /**
     * A deadlock as it was found. Its closer and its victim both need the report: who asks first completes it.
     * Thread-safe.
     */
    static final class Cycle {
        private final DeadlockReport found;

        @GuardedBy("this")
        private @Nullable DeadlockReport report;

        /** @param found the report without what is not read under the mutex */
        Cycle(DeadlockReport found) {
            this.found = found;
        }

        synchronized DeadlockReport report(UnaryOperator<DeadlockReport> complete) {
            DeadlockReport made = report == null ? complete.apply(found) : report;
            report = made;
            return made;
        }
    }

    private static final End NOT_YET = new WithLock();

    final LockRequest request;
    final WaitRule rule;
    private final Thread thread = Thread.currentThread();
    private volatile End end = NOT_YET;

    Waiter(LockRequest request, WaitRule rule) {
        this.request = request;
        this.rule = rule;
    }

    boolean isOver() {
        return end != NOT_YET;
    }

    End end() {
        return end;
    }

    /** Says how the wait has ended. Under the mutex, once. */
    void finish(End how) {
        end = how;
    }

    /** It gets nothing, and has not waited. Under the mutex, once. */
    void refuse(WaitEnd why) {
        finish(new WithoutLock(WaitEnding.of(why), asRow(), List.of()));
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /** Blocks the calling thread, the waiter's own, for at most {@code nanos}; may return early for no reason. */
    void park(long nanos) {
        LockSupport.parkNanos(this, nanos);
    }

    /** Does it wait if it is not granted at once? */
    boolean waits() {
        return rule.timeoutMillis() > 0;
    }

    /** How long the wait may last, in nanoseconds. */
    long limitNanos() {
        return rule.timeoutMillis() > Long.MAX_VALUE / 1_000_000 ? Long.MAX_VALUE : rule.timeoutMillis() * 1_000_000;
    }

    LockRow asRow() {
        return new LockRow(
                request.owner(),
                request.target(),
                request.mode(),
                false,
                request.nanos(),
                0,
                request.statement(),
                false,
                List.of(),
                0);
    }
}
