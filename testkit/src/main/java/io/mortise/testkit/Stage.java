package io.mortise.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.opentest4j.AssertionFailedError;

/**
 * Knows of every actor's thread whether it is idle, runs, or stands in a queue, and lets the test wait until nobody
 * moves. Thread-safe.
 *
 * <pre>
 *   idle --enter--> runs --waitStarted--> waits --granted or refused--> runs --leave--> idle
 * </pre>
 *
 * <p>A thread waits if it has been told so by {@code waitStarted} <em>and</em> the lock manager still has its request
 * in a queue. Between the grant and the moment the granted thread wakes up it counts as running. So once nobody runs,
 * nothing changes until the test acts. There are two exceptions: a lock timeout, and a holder that lets a row go
 * without telling the engine, which the lock manager's slow tick finds.
 */
final class Stage implements LockListener, AutoCloseable {
    private static final Duration TO_END = Duration.ofSeconds(30);
    private static final long NEVER = -1;
    /** So long a server that has to be asked is left alone, unless somebody moves. */
    private static final long BETWEEN_QUESTIONS_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private final WaitFacts facts;
    private final ReentrantLock mutex = new ReentrantLock();
    private final Condition moved = mutex.newCondition();

    /** The threads that are not idle, with the request that each last stood in a queue with, if it has not ended. */
    @GuardedBy("mutex")
    private final Map<Thread, Optional<LockRow>> busy = new HashMap<>();

    /** How often somebody has begun or ended something. */
    @GuardedBy("mutex")
    private long changes;

    /** What that was when a server was asked last who waits: what it told then is true as long as nothing changes. */
    @GuardedBy("mutex")
    private long askedAt = NEVER;

    Stage(WaitFacts facts) {
        this.facts = facts;
        facts.tell(this);
    }

    /** The thread is about to be given something to do. */
    void enter(Thread actor) {
        mutex.lock();
        try {
            busy.put(actor, Optional.empty());
            changes++;
        } finally {
            mutex.unlock();
        }
    }

    /** The thread has done it. */
    void leave(Thread actor) {
        mutex.lock();
        try {
            busy.remove(actor);
            changes++;
            moved.signalAll();
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public void waitStarted(LockRow request) {
        standsIn(Optional.of(request));
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        standsIn(Optional.empty());
    }

    private void standsIn(Optional<LockRow> queue) {
        mutex.lock();
        try {
            busy.replace(Thread.currentThread(), queue);
            moved.signalAll();
        } finally {
            mutex.unlock();
        }
    }

    /** Waits until every thread is idle or stands in a queue; false if that has not come about within the patience. */
    boolean awaitStill(Duration patience) {
        return await(this::nobodyRuns, patience);
    }

    /** Waits until the thread is idle; false if it is not within the patience. */
    boolean awaitIdle(Thread actor, Duration patience) {
        return await(() -> isIdle(actor), patience);
    }

    /** The thread has been told to end what it does: a server carries that out when it gets to it. */
    void awaitCancelled(Thread actor, Duration patience) {
        if (facts.isAsked()) {
            awaitIdle(actor, patience);
        }
    }

    /** What the thread waits for at this instant; empty if it is idle or runs. */
    Optional<LockRow> waiting(Thread actor) {
        mutex.lock();
        try {
            Optional<LockRow> queue = busy.get(actor);
            return queue == null ? Optional.empty() : facts.waiting(actor, queue);
        } finally {
            mutex.unlock();
        }
    }

    boolean isIdle(Thread actor) {
        mutex.lock();
        try {
            return !busy.containsKey(actor);
        } finally {
            mutex.unlock();
        }
    }

    /** Ends these sessions: idle sessions roll back, which lets others go on, until all are closed. */
    void endAll(List<TestSession> sessions) {
        List<TestSession> left = new ArrayList<>(sessions);
        while (!left.isEmpty()) {
            List<TestSession> idle = left.stream().filter(TestSession::isIdle).toList();
            if (idle.isEmpty()) {
                left.forEach(session -> ending(session, TestSession::abort));
                idle = left.stream()
                        .filter(session -> session.isIdleWithin(TO_END))
                        .toList();
            }
            if (idle.isEmpty()) {
                throw new AssertionFailedError("Sessions could not be ended: "
                        + left.stream().map(TestSession::name).toList());
            }
            idle.forEach(TestSession::letGo);
            awaitStill(TO_END);
            idle.forEach(session -> ending(session, TestSession::close));
            left.removeAll(idle);
        }
    }

    private interface Ending {
        void end(TestSession session) throws SQLException;
    }

    private static void ending(TestSession session, Ending how) {
        try {
            how.end(session);
        } catch (SQLException e) {
            throw new AssertionFailedError("Session " + session.name() + " could not be ended", e);
        }
    }

    @Override
    public void close() {
        facts.tellNoMore(this);
    }

    private boolean nobodyRuns() {
        mutex.lock();
        try {
            boolean isKnown = busy.isEmpty() || !facts.isAsked() || (askedAt == changes && !facts.hasCircle());
            return isKnown
                    && busy.keySet().stream().allMatch(actor -> waiting(actor).isPresent());
        } finally {
            mutex.unlock();
        }
    }

    private boolean await(BooleanSupplier reached, Duration patience) {
        long left = patience.toNanos();
        mutex.lock();
        try {
            while (!reached.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                left = facts.isAsked() ? ask(left) : moved.awaitNanos(Math.min(left, TimeUnit.DAYS.toNanos(1)));
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            mutex.unlock();
        }
    }

    /** Asks without the mutex, because an answer takes its time; returns what is left of that. */
    @GuardedBy("mutex")
    private long ask(long left) throws InterruptedException {
        long begin = System.nanoTime();
        if (askedAt == changes) {
            moved.awaitNanos(BETWEEN_QUESTIONS_NANOS);
        }
        long at = changes;
        mutex.unlock();
        try {
            facts.ask();
        } finally {
            mutex.lock();
        }
        askedAt = at;
        return left - (System.nanoTime() - begin);
    }
}
