package io.mortise.engine.lock;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.fault.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The mutex around the lock table, and who waits for its decisions. Every method decides at once and wakes those whom
 * it concerns after the mutex is free; none blocks for a lock. Thread-safe.
 */
final class Arbiter {
    private final ReentrantLock mutex = new ReentrantLock();

    @GuardedBy("mutex")
    private final LockTable table;

    @GuardedBy("mutex")
    private final Map<Integer, Waiter> waiters = new HashMap<>(); // by session

    @GuardedBy("mutex")
    private boolean closed;

    @GuardedBy("mutex")
    private long lastDeadlock;

    /** Is a change being made? Found true by the next who comes, it was ended in the middle by an Error. */
    @GuardedBy("mutex")
    private boolean changing;

    @GuardedBy("mutex")
    private long lastNanos;

    private final Parties parties;
    private final FastPath fastPath;

    Arbiter(Parties parties, FastPath fastPath) {
        this.parties = parties;
        this.fastPath = fastPath;
        this.table = new LockTable(new Victims(parties), fastPath::changed);
    }

    /** What came of asking: the waiter, over already or queued; the deadlocks that asking closed. */
    record Answer(Waiter waiter, Optional<LockRow> queued, List<Waiter.Cycle> cycles) {}

    /** @param holder who has it in storage; empty if the lock table itself decides */
    Answer ask(Waiter waiter, Optional<Holding> holder) {
        List<Waiter> wake = new ArrayList<>(1);
        List<Waiter.Cycle> cycles = new ArrayList<>(0);
        reserveStack();
        mutex.lock();
        try {
            begin(waiter.request.nanos(), wake);
            Optional<LockRow> queued = Optional.empty();
            if (closed || !parties.enters(waiter.request.owner().session())) {
                waiter.refuse(closed ? WaitEnd.SHUTDOWN : WaitEnd.SESSION_CLOSED);
            } else {
                Decision decision = settle(waiter, request(waiter, holder), cycles, wake);
                queued = decision instanceof Decision.Waiting ? enqueue(waiter) : Optional.empty();
                if (holder.isPresent()) {
                    settleThrough(holder.get().owner(), waiter.request.nanos(), cycles, wake);
                }
            }
            finishChange(wake);
            return new Answer(waiter, queued, cycles);
        } finally {
            mutex.unlock();
            wake.forEach(Waiter::wake);
        }
    }

    /**
     * Takes as much of the stack as anything under the mutex needs, and gives it back: a stack that is too short
     * overflows here, where nothing has begun.
     */
    static void reserveStack() {
        reserve(64, 1, 2, 3);
    }

    private static long reserve(int depth, long one, long two, long three) {
        return depth == 0
                ? one ^ two ^ three
                : reserve(depth - 1, two + depth, three ^ one, one - two) + one + two + three;
    }

    @GuardedBy("mutex")
    private void begin(long nanos, List<Waiter> wake) {
        lastNanos = Math.max(lastNanos, nanos);
        if (changing) {
            repair(wake);
        }
        changing = true;
    }

    @GuardedBy("mutex")
    private void finishChange(List<Waiter> wake) {
        collectGranted(wake);
        changing = false;
    }

    /** An Error has ended a change in the middle. Repairs the queues, and wakes those who can go on. */
    @GuardedBy("mutex")
    private void repair(List<Waiter> wake) {
        table.derive(waiters.keySet(), lastNanos);
        collectGranted(wake);
        for (Waiter waiter : List.copyOf(waiters.values())) {
            OwnerId owner = waiter.request.owner();
            if (!table.isWaiting(owner.session())) {
                // It was taken out of its queue and not told why: it asks again.
                if (table.ask(waiter.request) instanceof Decision.Granted) {
                    finish(owner.session(), new Waiter.WithLock(), wake);
                }
                List<Waiter.Cycle> untold = new ArrayList<>(0); // By nobody: who repairs has something else to do.
                settleThrough(owner, lastNanos, untold, wake);
                untold.forEach(Waiter.Cycle::told);
            }
        }
    }

    @GuardedBy("mutex")
    private Decision request(Waiter waiter, Optional<Holding> holder) {
        LockRequest request = waiter.request;
        if (holder.isPresent()) {
            boolean there =
                    parties.enters(holder.get().owner()) || request.target() instanceof LockTarget.StatementSlot;
            if (!there) {
                return new Decision.Granted();
            }
            LockRequest held = parties.holding(holder.get(), request);
            return waiter.waits() ? table.requestFrom(held, request) : table.askFrom(held, request);
        }
        boolean isMetInSlots = request.mode() != LockMode.S || !(request.target() instanceof LockTarget.RowKey);
        if (request.mode().isIntention() || !isMetInSlots) {
            return waiter.waits() ? table.request(request) : table.ask(request);
        }
        fastPath.close(request.target(), table);
        try {
            return waiter.waits() ? table.request(request) : table.ask(request);
        } finally {
            fastPath.decided(request.target());
        }
    }

    /** Sees to the deadlocks that a request has closed, until it is granted, waits, or gives way itself. */
    @GuardedBy("mutex")
    private Decision settle(Waiter waiter, Decision first, List<Waiter.Cycle> cycles, List<Waiter> wake) {
        Decision decision = first;
        while (decision instanceof Decision.Deadlock deadlock) {
            Waiter.Cycle cycle = cycle(deadlock, cycles);
            if (deadlock.victim().equals(waiter.request.owner())) {
                waiter.finish(new Waiter.AsVictim(cycle));
                return decision;
            }
            finish(deadlock.victim().session(), new Waiter.AsVictim(cycle), wake);
            decision = table.look(waiter.request.owner(), waiter.request.nanos());
        }
        if (decision instanceof Decision.Granted) {
            waiter.finish(new Waiter.WithLock());
        }
        return decision;
    }

    /**
     * Others in the queue may wait, too, for a lock that has just been entered for its holder. A cycle that the
     * requester has closed goes through the requester; one that they have closed goes through the holder.
     */
    @GuardedBy("mutex")
    private void settleThrough(OwnerId holder, long nanos, List<Waiter.Cycle> cycles, List<Waiter> wake) {
        while (table.look(holder, nanos) instanceof Decision.Deadlock deadlock) {
            finish(deadlock.victim().session(), new Waiter.AsVictim(cycle(deadlock, cycles)), wake);
        }
    }

    @GuardedBy("mutex")
    private Waiter.Cycle cycle(Decision.Deadlock deadlock, List<Waiter.Cycle> cycles) {
        // Described before the victim is told: it rolls back at once, and has changed nothing then.
        Waiter.Cycle cycle = new Waiter.Cycle(parties.report(++lastDeadlock, deadlock, lastNanos));
        cycles.add(cycle);
        return cycle;
    }

    @GuardedBy("mutex")
    private Optional<LockRow> enqueue(Waiter waiter) {
        int session = waiter.request.owner().session();
        if (waiter.rule.timeoutMillis() <= 0) {
            waiter.finish(ended(session, WaitEnding.of(WaitEnd.TIMEOUT)));
            table.withdraw(session, waiter.request.nanos());
            return Optional.empty();
        }
        waiters.put(session, waiter);
        return table.sketchOf(session);
    }

    @GuardedBy("mutex")
    private Waiter.WithoutLock ended(int session, WaitEnding ending) {
        LockRow request = table.pendingOf(session).orElseThrow(() -> new AssertionError("it waits"));
        return new Waiter.WithoutLock(ending, request, table.aheadOf(session));
    }

    /** The wait of a session is over. */
    @GuardedBy("mutex")
    private void finish(int session, Waiter.End end, List<Waiter> wake) {
        Waiter waiter = waiters.remove(session);
        if (waiter != null) {
            waiter.finish(end);
            wake.add(waiter);
        }
    }

    @GuardedBy("mutex")
    private void collectGranted(List<Waiter> wake) {
        for (OwnerId owner : table.takeGranted()) {
            Spot.GRANTED_NOT_TOLD.pass();
            finish(owner.session(), new Waiter.WithLock(), wake);
        }
    }

    /** Changes the table, after which some may have their locks. */
    private void change(long nanos, Consumer<LockTable> change) {
        List<Waiter> wake = new ArrayList<>(1);
        reserveStack();
        mutex.lock();
        try {
            begin(nanos, wake);
            change.accept(table);
            finishChange(wake);
        } finally {
            mutex.unlock();
            wake.forEach(Waiter::wake);
        }
    }

    private <T> T read(Function<LockTable, T> question) {
        List<Waiter> wake = List.of();
        mutex.lock();
        try {
            if (changing) {
                wake = new ArrayList<>();
                repair(wake);
                finishChange(wake);
            }
            return question.apply(table);
        } finally {
            mutex.unlock();
            wake.forEach(Waiter::wake);
        }
    }

    /** The thread of this waiter does not wait, because of an Error: takes its request out of the queue. */
    void abandon(Waiter waiter, long nanos) {
        int session = waiter.request.owner().session();
        List<Waiter> wake = new ArrayList<>(1);
        mutex.lock();
        try {
            begin(nanos, wake);
            if (waiters.remove(session, waiter)) {
                table.withdraw(session, nanos);
            }
            finishChange(wake);
        } finally {
            mutex.unlock();
            wake.forEach(Waiter::wake);
        }
    }

    /** A session is gone. Nothing of these owners of it may be here any more, however it went. */
    void forget(int session, Predicate<OwnerId> which, long nanos) {
        end(session, WaitEnding.of(WaitEnd.SESSION_CLOSED), Optional.empty(), nanos);
        change(nanos, locks -> locks.forget(session, which, nanos));
    }

    /** Forgets the sessions that hold or want something here and are no more; returns how many. */
    int forgetAllBut(Predicate<Integer> isThere, long nanos) {
        List<Integer> gone =
                read(LockTable::sessions).stream().filter(isThere.negate()).toList();
        gone.forEach(session -> forget(session, any -> true, nanos));
        return gone.size();
    }

    /** Ends the wait of a session, if it waits; only that of {@code which}, if one is given. */
    boolean end(int session, WaitEnding ending, Optional<Waiter> which, long nanos) {
        List<Waiter> wake = new ArrayList<>(1);
        reserveStack();
        mutex.lock();
        try {
            begin(nanos, wake);
            Waiter waiter = waiters.get(session);
            boolean isIt = waiter != null && (which.isEmpty() || which.get() == waiter);
            if (isIt) {
                finish(session, ended(session, ending), wake);
                table.withdraw(session, nanos);
            }
            finishChange(wake);
            return isIt;
        } finally {
            mutex.unlock();
            wake.forEach(Waiter::wake);
        }
    }

    void confirm(OwnerId owner, LockTarget target, long nanos) {
        change(nanos, locks -> locks.confirm(owner, target));
    }

    void awakes(OwnerId owner, LockTarget target, long nanos) {
        change(nanos, locks -> locks.awakes(owner, target));
    }

    void release(OwnerId owner, LockTarget target, long nanos) {
        change(nanos, locks -> locks.release(owner, target, nanos));
    }

    void handToSession(OwnerId owner, LockTarget target, long nanos) {
        change(nanos, locks -> locks.hand(owner, OwnerId.of(owner.session()), target));
    }

    void decline(OwnerId owner, LockTarget target, long nanos) {
        change(nanos, locks -> locks.decline(owner, target, nanos));
    }

    Optional<OwnerId> implicitHolder(LockTarget target) {
        return read(locks -> locks.implicitHolder(target));
    }

    void releaseLetGo(OwnerId holder, LockTarget target, long nanos) {
        change(nanos, locks -> locks.releaseLetGo(holder, target, nanos));
    }

    void releaseAll(LockOwner owner, OwnerId ended, long nanos) {
        Consumer<LockTable> end = locks -> {
            locks.releaseTransactions(ended.session(), nanos);
            owner.left();
        };
        try {
            Spot.OWNER_ENDED.pass();
            change(nanos, end);
        } catch (RuntimeException | Error e) {
            change(nanos, end); // What is left: for now nobody else would.
            throw e;
        }
    }

    /** May a running thread take {@code target} in storage without standing in the queue? See rule 7 of the essay. */
    boolean admits(OwnerId owner, LockTarget target, long nowNanos, long bargingNanos) {
        return read(locks -> locks.queue(target)
                .map(queue -> queue.admits(owner, nowNanos, bargingNanos))
                .orElse(true));
    }

    boolean holds(OwnerId owner, LockTarget target) {
        return read(locks ->
                locks.queue(target).flatMap(queue -> queue.grantOf(owner)).isPresent());
    }

    boolean isSharedBy(OwnerId owner, LockTarget target) {
        return read(locks -> locks.queue(target)
                .flatMap(queue -> queue.grantOf(owner))
                .filter(Grant::isShared)
                .isPresent());
    }

    void shareTaken(LockOwner owner, List<LockRequest> taken) {
        change(0, locks -> {
            owner.enters(owner.id());
            taken.forEach(locks::shareTaken);
        });
    }

    boolean isSharedByAnother(OwnerId owner, LockTarget target) {
        return read(locks ->
                locks.queue(target).map(queue -> queue.isSharedByAnother(owner)).orElse(false));
    }

    Optional<LockRow> pendingOf(int session) {
        return read(locks -> locks.pendingOf(session));
    }

    boolean keepsWaiting(int session) {
        return read(locks -> locks.keepsWaiting(session));
    }

    List<LockRow> rows() {
        return read(LockTable::rows);
    }

    List<Waiter> waiters() {
        mutex.lock();
        try {
            return List.copyOf(waiters.values());
        } finally {
            mutex.unlock();
        }
    }

    /** Takes back {@link #close}. */
    void open() {
        mutex.lock();
        try {
            closed = false;
        } finally {
            mutex.unlock();
        }
    }

    /** Ends every wait; a request from now on gets the same answer. */
    void close(long nanos) {
        mutex.lock();
        try {
            closed = true;
        } finally {
            mutex.unlock();
        }
        for (Waiter waiter : waiters()) {
            end(waiter.request.owner().session(), WaitEnding.of(WaitEnd.SHUTDOWN), Optional.of(waiter), nanos);
        }
    }
}
