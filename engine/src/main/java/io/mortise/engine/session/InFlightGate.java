package io.mortise.engine.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.SlotWaiter.Brief;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one statement of a session in at a time; the next is refused or waits in line. Thread-safe.
 *
 * <pre>
 *   free --tryEnter, await--> running --exit--> free
 *                             running --exit, with a stream open--> streaming
 *   streaming --resume, or tryEnter by the thread that opened it--> running
 * </pre>
 *
 * <p>A statement is in by call, not by thread: whoever finds the gate free may enter, and only the thread that is inside
 * at the moment may come in again. The way in and out costs one compare-and-set and one volatile write while nobody
 * waits. Whoever waits is served in the order in which he came: a newcomer that sees somebody wait goes behind him.
 */
final class InFlightGate {
    private static final VarHandle INSIDE;
    private static final Brief CLOSING = new Brief(StatementRecord.NONE);

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(InFlightGate.class, "inside", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongSupplier nanoTime;
    private final LongConsumer parkNanos;
    private final Object mutex = new Object();

    /**
     * Null while free; a {@link StatementRecord} while a statement runs; a {@link Brief} while something runs that is not
     * a statement and soon over; a {@link Stream} while nothing runs but a result is still being read.
     */
    private volatile @Nullable Object inside;

    /**
     * The thread that is inside. Written by that thread only, and compared by every thread with itself only, so a stale
     * value can not mislead: a thread that is not inside has never left its own name here.
     */
    private @Nullable Thread runner;

    /** How often the runner has come in again. The runner's own, handed on with {@link #inside}. */
    private int depth;

    /** Streaming results of the session. The runner's own, handed on with {@link #inside}. */
    private final List<Stream> streams = new ArrayList<>();

    /** Not 0 while somebody waits or something is put off until the gate is free: the way out must look. */
    private volatile int attention;

    @GuardedBy("mutex")
    private final Deque<SlotWaiter> waiters = new ArrayDeque<>();

    @GuardedBy("mutex")
    private final Deque<Runnable> putOff = new ArrayDeque<>();

    /** @param parkNanos parks the calling thread; may return early */
    InFlightGate(LongSupplier nanoTime, LongConsumer parkNanos) {
        this.nanoTime = nanoTime;
        this.parkNanos = parkNanos;
    }

    /** How an attempt to enter ended. */
    enum Entry {
        ADMITTED,
        /** What is inside did not leave in time. */
        BUSY,
        /** The wait was ended from outside, or by an interrupt: {@link SlotWaiter#ending} says why. */
        ENDED
    }

    /** Is the calling thread inside? */
    boolean isInside() {
        return runner == Thread.currentThread();
    }

    /** Comes in again; the caller is inside. */
    void reenter() {
        depth++;
    }

    /** Enters if the gate is free and nobody waits for it. The caller is not inside. */
    boolean tryEnter(StatementRecord statement) {
        return attention == 0 && take(statement, statement);
    }

    boolean tryEnter(SlotWaiter waiter) {
        return attention == 0 && take(waiter.statement(), waiter.token());
    }

    private boolean take(StatementRecord statement, Object token) {
        Object seen = inside;
        if (isOpenTo(seen, statement) && INSIDE.compareAndSet(this, seen, token)) {
            runner = statement.thread();
            return true;
        }
        return false;
    }

    /** The thread that opened a stream may run statements in the loop that reads it. */
    private static boolean isOpenTo(@Nullable Object seen, StatementRecord statement) {
        return seen == null
                || (seen instanceof Stream stream && stream.statement().thread() == statement.thread());
    }

    /** Enters to go on with a stream, from whatever thread. False if something runs at the moment on another. */
    boolean resume(Stream stream) {
        if (isInside()) {
            depth++;
            return true;
        }
        Object seen = inside;
        if (seen instanceof Stream && INSIDE.compareAndSet(this, seen, stream.statement())) {
            runner = Thread.currentThread();
            return true;
        }
        return false;
    }

    /** Enters unless a statement is in flight or in line. Waits for what is brief, so long at most. */
    Entry enterUnlessRunning(SlotWaiter waiter, long graceNanos) {
        Object seen = inside;
        if (!(seen instanceof Brief) && !isOpenTo(seen, waiter.statement())) {
            return Entry.BUSY;
        }
        synchronized (mutex) {
            if (!waiters.stream().allMatch(SlotWaiter::isBrief)) {
                return Entry.BUSY;
            }
        }
        return await(waiter, graceNanos);
    }

    /** Parks until so long has passed or the wait is ended; returns the time that has passed. */
    long pause(SlotWaiter waiter, long nanos) {
        long start = nanoTime.getAsLong();
        long passed = 0;
        while (passed < nanos && waiter.ending().isEmpty()) {
            parkNanos.accept(nanos - passed);
            passed = nanoTime.getAsLong() - start;
        }
        return passed;
    }

    /** Enters, waiting in line for so long at most. */
    Entry await(SlotWaiter waiter, long timeoutNanos) {
        synchronized (mutex) {
            waiters.add(waiter);
            attention = pending();
            admitNext();
        }
        long deadline = nanoTime.getAsLong() + timeoutNanos;
        while (!waiter.isAdmitted()) {
            long left = deadline - nanoTime.getAsLong();
            if (left <= 0 || waiter.ending().isPresent()) {
                return leaveLine(waiter);
            }
            parkNanos.accept(left);
        }
        return entered(waiter);
    }

    private Entry entered(SlotWaiter waiter) {
        runner = waiter.statement().thread();
        return Entry.ADMITTED;
    }

    /** Whoever was admitted at the last moment is inside, whatever else has happened. */
    private Entry leaveLine(SlotWaiter waiter) {
        synchronized (mutex) {
            if (waiters.remove(waiter)) {
                attention = pending();
                return waiter.ending().isEmpty() ? Entry.BUSY : Entry.ENDED;
            }
        }
        return entered(waiter);
    }

    /** Ends the waits of all who stand in line. */
    void endAll(WaitEnding ending) {
        synchronized (mutex) {
            waiters.forEach(waiter -> waiter.end(ending));
        }
    }

    /** Leaves. The caller is inside. */
    void exit() {
        if (depth > 0) {
            depth--;
            return;
        }
        leave();
        if (attention != 0) {
            lookAround();
        }
    }

    private void leave() {
        runner = null;
        inside = streams.isEmpty() ? null : streams.get(0);
    }

    /** Runs what was put off, before the first in line is let in. */
    private void lookAround() {
        for (Runnable next = nextPutOff(); next != null; next = nextPutOff()) {
            try {
                next.run();
            } finally {
                leave();
            }
        }
        synchronized (mutex) {
            admitNext();
        }
    }

    /** Takes the gate for the next action that was put off, if there is one and nobody else has taken it. */
    private @Nullable Runnable nextPutOff() {
        synchronized (mutex) {
            Object seen = inside;
            boolean free = seen == null || seen instanceof Stream;
            if (putOff.isEmpty() || !free || !INSIDE.compareAndSet(this, seen, CLOSING)) {
                return null;
            }
            runner = Thread.currentThread();
            Runnable next = putOff.remove();
            attention = pending();
            return next;
        }
    }

    /**
     * Runs something as soon as nothing else runs: at once, on this thread, if the gate is free or this thread is inside;
     * else when the thread that is inside leaves, on that thread. For closing what a running statement may be using.
     */
    void whenFree(Runnable action) {
        if (isInside()) {
            action.run();
            return;
        }
        synchronized (mutex) {
            putOff.add(action);
            attention = pending();
        }
        lookAround();
    }

    /** Hands the free gate to the first in line; if it is not free, whoever is inside will. */
    @GuardedBy("mutex")
    private void admitNext() {
        SlotWaiter first = waiters.peek();
        if (first == null) {
            return;
        }
        Object seen = inside;
        if (isOpenTo(seen, first.statement()) && INSIDE.compareAndSet(this, seen, first.token())) {
            waiters.remove();
            attention = pending();
            first.admit();
        }
    }

    @GuardedBy("mutex")
    private int pending() {
        return waiters.size() + putOff.size();
    }

    /** The result of the statement inside streams: it stays in flight until {@link #closeStream}. The caller is inside. */
    Stream openStream() {
        Stream stream = new Stream(inFlight().orElseThrow());
        streams.add(stream);
        return stream;
    }

    /** The caller is inside. */
    void closeStream(Stream stream) {
        streams.remove(stream);
    }

    /** What is inside, running or streaming. */
    Optional<StatementRecord> inFlight() {
        Object seen = inside;
        if (seen instanceof Stream stream) {
            return Optional.of(stream.statement());
        }
        if (seen instanceof Brief brief) {
            return Optional.of(brief.statement());
        }
        return Optional.ofNullable((StatementRecord) seen);
    }

    boolean isStreaming() {
        return inside instanceof Stream;
    }
}
