package io.mortise.engine.session.gate;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.SlotToken.Brief;
import io.mortise.engine.session.gate.SlotToken.Pinned;
import io.mortise.engine.thread.HeldInterrupt;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
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
 * <p>A statement is in by call, not by thread: a thread that finds the gate free may enter, and only the thread inside
 * may come in again. The way in and out costs one compare-and-set and one volatile write while nobody waits. Waiters
 * are served first come, first served: a newcomer that sees one wait goes behind it.
 */
public final class InFlightGate {
    private static final System.Logger LOG = System.getLogger(InFlightGate.class.getName());
    private static final VarHandle INSIDE;
    private static final Brief CLOSING = new Brief(StatementRecord.NONE);

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(InFlightGate.class, "inside", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Parking parking;
    private final Object mutex = new Object();

    /**
     * Null while free; a {@link StatementRecord} while a statement runs; a {@link Brief} while something brief runs
     * that is no statement; a {@link Stream} while a result is read and nothing runs.
     */
    private volatile @Nullable Object inside;

    private final Runner runner = new Runner();

    /** Streaming results of the session. The runner's own, handed on with {@link #inside}. */
    private final List<Stream> streams = new ArrayList<>();

    /** Not 0 while somebody waits or something is put off until the gate is free: the way out must look. */
    private volatile int attention;

    /** Made for the first who needs it: most sessions have one client, who waits for nobody. */
    @GuardedBy("mutex")
    private @Nullable SlotQueue line;

    public InFlightGate(Parking parking) {
        this.parking = parking;
    }

    @GuardedBy("mutex")
    private SlotQueue line() {
        SlotQueue known = line;
        if (known == null) {
            known = new SlotQueue();
            line = known;
        }
        return known;
    }

    /** How an attempt to enter ended. */
    public enum Entry {
        ADMITTED,
        /** What is inside did not leave in time. */
        BUSY,
        /** The wait was ended from outside, or by an interrupt: {@link SlotWaiter#ending} says why. */
        ENDED
    }

    /** Is the calling thread inside? */
    public boolean isInside() {
        return runner.isMe();
    }

    /** Has the runner, which the caller is, come in again? */
    public boolean isNested() {
        return runner.isNested();
    }

    /** Comes in again; the caller is inside. */
    public void reenter() {
        runner.comesInAgain();
    }

    /** Enters if the gate is free and nobody waits for it. The caller is not inside. */
    public boolean tryEnter(StatementRecord statement) {
        return attention == 0 && take(statement, statement);
    }

    /** The same, but others who wait do not keep out the thread whose stream they wait for. */
    public boolean tryEnter(SlotWaiter waiter) {
        if (attention == 0) {
            return take(waiter.statement(), waiter.token());
        }
        return inside instanceof Stream stream
                && isOpenTo(stream, waiter.statement())
                && await(waiter, 0) == Entry.ADMITTED;
    }

    private boolean take(StatementRecord statement, Object token) {
        Object seen = inside;
        if (isOpenTo(seen, statement) && INSIDE.compareAndSet(this, seen, token)) {
            cameIn(statement.thread());
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
    public boolean resume(Stream stream) {
        if (isInside()) {
            runner.comesInAgain();
            return true;
        }
        Object seen = inside;
        if (seen instanceof Stream && INSIDE.compareAndSet(this, seen, stream.statement())) {
            cameIn(Thread.currentThread());
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
            if (!(seen instanceof Stream) && line().hasStatements()) {
                return Entry.BUSY;
            }
        }
        return await(waiter, graceNanos);
    }

    /** Enters, waiting in line for so long at most. */
    Entry await(SlotWaiter waiter, long timeoutNanos) {
        return await(waiter, timeoutNanos, parking);
    }

    /** The same with a way of parking of the waiter's own. */
    Entry await(SlotWaiter waiter, long timeoutNanos, Parking own) {
        boolean isOver = false;
        try {
            synchronized (mutex) {
                line().add(waiter);
                attention = line().size();
                admitNext();
            }
            Spot.SESSION_LINED.pass();
            own.waitFor(waiter, timeoutNanos);
            isOver = true;
        } finally {
            if (!isOver && leaveLine(waiter) == Entry.ADMITTED) {
                exit(); // An Error: nobody would leave again.
            }
        }
        return waiter.isAdmitted() ? entered(waiter) : leaveLine(waiter);
    }

    private Entry entered(SlotWaiter waiter) {
        cameIn(waiter.statement().thread());
        return Entry.ADMITTED;
    }

    /** A thread that was admitted at the last moment is inside, whatever else has happened. */
    private Entry leaveLine(SlotWaiter waiter) {
        synchronized (mutex) {
            if (!waiter.isAdmitted()) {
                line().remove(waiter);
                attention = line().size();
                return waiter.ending().isEmpty() ? Entry.BUSY : Entry.ENDED;
            }
        }
        return entered(waiter);
    }

    /** Ends the waits in line for which this holds; true if there are any. */
    public boolean endWaits(Predicate<StatementRecord> which, WaitEnding ending) {
        synchronized (mutex) {
            return line().end(which, ending);
        }
    }

    /** What stands in line, first come first. */
    public List<StatementRecord> inLine() {
        synchronized (mutex) {
            return line().statements();
        }
    }

    /** Leaves. The caller is inside. */
    public void exit() {
        if (runner.goesBack()) {
            return;
        }
        leave();
        boolean isSeen = false;
        try {
            Spot.SESSION_LEFT.pass();
            if (attention != 0) {
                lookAround();
            }
            isSeen = true;
        } finally {
            if (!isSeen) {
                lookAround(); // After an Error too, or those who wait would do so for ever.
            }
        }
    }

    /** The caller has taken the gate; if it cannot be noted who that is, it leaves again. */
    private void cameIn(Thread caller) {
        boolean isIn = false;
        try {
            runner.comesIn(caller);
            isIn = true;
        } finally {
            if (!isIn) {
                exit();
            }
        }
    }

    private void leave() {
        Object token = inside;
        Object next = streams.isEmpty() ? null : streams.get(0);
        boolean heldInterrupt = runner.leaves();
        if (token instanceof Pinned || !INSIDE.compareAndSet(this, token, next)) {
            synchronized (mutex) {
                inside = next; // Whoever has pinned the statement has let go of it.
            }
        }
        if (heldInterrupt) {
            HeldInterrupt.giveBack();
        }
    }

    /** Does something to a statement that is running: it cannot end meanwhile, so no other is hit. Must not block. */
    public boolean ifRunning(long statement, Runnable action) {
        synchronized (mutex) {
            Object seen = inside;
            boolean isStatement = seen instanceof StatementRecord running && running.id() == statement;
            boolean isCall = seen instanceof Brief brief
                    && brief != CLOSING
                    && brief.statement().id() == statement;
            if (seen == null
                    || !isStatement && !isCall
                    || !INSIDE.compareAndSet(this, seen, new Pinned(statementOf(seen)))) {
                return false;
            }
            try {
                action.run();
            } finally {
                inside = seen;
            }
            return true;
        }
    }

    /** Runs what was put off, before the first in line is let in. */
    private void lookAround() {
        for (Runnable next = nextPutOff(); next != null; next = nextPutOff()) {
            run(next);
        }
        synchronized (mutex) {
            admitNext();
        }
    }

    /** The gate is taken for this. */
    private void run(Runnable next) {
        try {
            runner.comesInTo(next);
        } catch (RuntimeException | Error e) { // The others are to be let in, and what else was put off to run.
            LOG.log(System.Logger.Level.WARNING, "what was put off until a session was free has failed", e);
        } finally {
            leave();
        }
    }

    /** Takes the gate for the next action that was put off, if there is one and nobody else has taken it. */
    private @Nullable Runnable nextPutOff() {
        synchronized (mutex) {
            Object seen = inside;
            boolean free = seen == null || seen instanceof Stream;
            if (!line().hasPutOff() || !free || !INSIDE.compareAndSet(this, seen, CLOSING)) {
                return null;
            }
            Runnable next = line().nextPutOff();
            attention = line().size();
            return next;
        }
    }

    /**
     * Runs something as soon as nothing else runs. That is at once, on this thread, if the gate is free or this thread
     * is inside; else on the thread inside, when it leaves. For closing what a running statement may use.
     */
    public void whenFree(Runnable action) {
        if (isInside()) {
            action.run();
        } else {
            whenLeft(action);
        }
    }

    /** The same, but if this thread is inside it is put off until that leaves too. */
    public void whenLeft(Runnable action) {
        if (attention == 0 && INSIDE.compareAndSet(this, null, CLOSING)) {
            run(action); // As if it had been put off: nothing else was. Who came meanwhile is let in, as at an exit.
            if (attention != 0) {
                lookAround();
            }
            return;
        }
        putOff(action);
        runPutOff();
    }

    /** From now on nothing else begins before this has run. {@link #runPutOff} follows. */
    public void putOff(Runnable action) {
        synchronized (mutex) {
            line().putOff(action);
            attention = line().size();
        }
    }

    public void runPutOff() {
        if (!isInside()) {
            lookAround();
        }
    }

    /**
     * Hands the free gate to the first in line; if it is not free, the thread inside will. While a result is being
     * read, its reader is inside, wherever it stands in line: the others wait for it to be read.
     */
    @GuardedBy("mutex")
    private void admitNext() {
        Object seen = inside;
        Optional<SlotWaiter> next = seen == null
                ? line().first()
                : seen instanceof Stream
                        ? line().first(waiter -> isOpenTo(seen, waiter.statement()))
                        : Optional.empty();
        if (next.isEmpty() || line().hasPutOff()) {
            return;
        }
        SlotWaiter first = next.get();
        if (INSIDE.compareAndSet(this, seen, first.token())) {
            line().remove(first);
            attention = line().size();
            first.admit();
        }
    }

    /** The result of the statement inside stays in flight until {@link #closeStream}. The caller is inside. */
    public Stream openStream() {
        Stream stream = new Stream(inFlight().orElseThrow());
        streams.add(stream);
        return stream;
    }

    /** The caller is inside. False if another one is open. */
    public boolean closeStream(Stream stream) {
        streams.remove(stream);
        return streams.isEmpty();
    }

    /** What is inside, running or streaming. */
    public Optional<StatementRecord> inFlight() {
        Object seen = inside;
        return seen == null ? Optional.empty() : Optional.of(statementOf(seen));
    }

    /** Of what was read once: a thread that reads {@link #inside} again may find that it has left. */
    private static StatementRecord statementOf(Object seen) {
        return seen instanceof SlotToken token ? token.statement() : (StatementRecord) seen;
    }

    public boolean isStreaming() {
        return inside instanceof Stream;
    }
}
