package io.mortise.engine.lock;

import com.google.errorprone.annotations.CheckReturnValue;
import io.mortise.engine.thread.EngineThread;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one slow tick. While somebody waits, it looks every few milliseconds for what nobody tells the lock manager. That
 * is a cancel by another route, or a row that a roll-back to a savepoint has freed. Thread-safe.
 *
 * <p>Its thread begins with the first wait and ends when there has been none for a while: a lock manager that nobody
 * waits in has none. No error ends it while somebody waits, for then nobody would be woken.
 *
 * <pre>
 *   no thread ──start──▶ ticking ──nothing to come back for──▶ idle ──LINGER──▶ no thread
 *                           ▲                                    │
 *                           └───────────────start────────────────┘
 * </pre>
 */
final class WaitTicker implements AutoCloseable {
    private static final long TICK_NANOS = 10_000_000;
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Supplier<List<Waiter>> waiters;
    private final Consumer<Waiter> look;
    private final long lingerNanos;
    /** Written before {@link #thread} is read by those who begin to wait, and the other way round by one that ends. */
    private volatile boolean idle = true;

    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    private volatile boolean closed;

    /**
     * @param waiters those who wait now
     * @param look asks what the lock manager cannot see of a wait
     */
    WaitTicker(Supplier<List<Waiter>> waiters, Consumer<Waiter> look) {
        this(waiters, look, LINGER_NANOS);
    }

    WaitTicker(Supplier<List<Waiter>> waiters, Consumer<Waiter> look, long lingerNanos) {
        this.waiters = waiters;
        this.look = look;
        this.lingerNanos = lingerNanos;
    }

    private void run() {
        do {
            while (!closed && !isOverdue()) {
                tick();
            }
        } while (!retires());
    }

    /** Has there been nothing to do for long enough? Waits for that, or for something to do. */
    private boolean isOverdue() {
        long began = System.nanoTime();
        while (idle && !closed) {
            long lingered = System.nanoTime() - began;
            if (lingered >= lingerNanos) {
                return true;
            }
            LockSupport.parkNanos(this, lingerNanos - lingered);
        }
        return false;
    }

    private void tick() {
        LockSupport.parkNanos(this, TICK_NANOS);
        // Said before looking: whoever begins to wait after the look finds the ticker idle, and wakes it.
        idle = true;
        if (hasWaiters()) {
            idle = false;
        }
    }

    /**
     * Looks after all who wait, and says whether to come back. Out of memory, it does: that may be better at the next
     * tick.
     */
    private boolean hasWaiters() {
        try {
            List<Waiter> all = waiters.get();
            all.forEach(this::lookAfter);
            return !all.isEmpty();
        } catch (Throwable e) {
            return true;
        }
    }

    private void lookAfter(Waiter waiter) {
        try {
            look.accept(waiter);
        } catch (Throwable e) {
            return; // The others are looked after all the same, and this one again at the next tick.
        }
    }

    /** Is this thread not needed any more? It is if somebody has begun to wait since it was idle, and made no other. */
    private boolean retires() {
        thread.set(null);
        return closed || idle || !thread.compareAndSet(null, Thread.currentThread());
    }

    /**
     * Blocks a waiter for so long at most. If the process may have no more threads it looks after itself, at every
     * tick.
     */
    void park(Waiter waiter, long nanos) {
        if (start()) {
            waiter.park(nanos);
        } else {
            waiter.park(Math.min(nanos, TICK_NANOS));
            lookAfter(waiter);
        }
    }

    /** Somebody waits. False if the thread could not be made. */
    @CheckReturnValue
    boolean start() {
        boolean wasIdle = idle;
        if (wasIdle) {
            idle = false;
        }
        Thread running = thread.get();
        if (running == null) {
            return begins();
        }
        if (wasIdle) {
            LockSupport.unpark(running);
        }
        return true;
    }

    // An OutOfMemoryError must not fly on from here. H2 would close the database, as a process can have no more
    // threads.
    private boolean begins() {
        @Nullable Thread fresh = null;
        try {
            fresh = EngineThread.of("mortise-wait-ticker", this::run);
            if (thread.compareAndSet(null, fresh)) {
                fresh.start();
            }
            return true;
        } catch (Error e) {
            thread.compareAndSet(fresh, null); // Then the next one tries again.
            return false;
        }
    }

    boolean hasThread() {
        return thread.get() != null;
    }

    /** Ends the thread at once. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread.get());
    }
}
