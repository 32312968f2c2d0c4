package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.HeldInterrupt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Makes threads wait for the decisions of {@link LockTable}, tells why a wait has ended, and knows the ways around
 * both. Thread-safe.
 *
 * <p>The mutex around the table is the innermost of the engine: while it is held nothing is called outside this room,
 * nothing is logged and no text is built. Two paths go around it: intent locks on tables ({@link #tryIntent}) and rows
 * that nobody waits for ({@link #admits}).
 *
 * <p>A lock that storage decides on (a row, a key, a statement slot) is asked for in a loop. Try storage; if another
 * owner is there, {@link #acquireFrom} it; try again; and {@link #confirm} what was taken after a wait.
 */
public final class LockManager implements AutoCloseable {
    /** So many locks are entered before the mutex is given to somebody else. */
    private static final int AT_ONCE = 100;

    private static final int BRIEF_PART = 5;

    private final LongSupplier nanoTime;
    private final Parties parties = new Parties();
    private final FastPath fastPath = new FastPath(parties);
    private final Arbiter arbiter = new Arbiter(parties, fastPath);
    private final AtomicLong lastTransaction = new AtomicLong();
    private final WaitTicker ticker = new WaitTicker(arbiter::waiters, this::look);
    private final WaitNews news;
    private volatile long bargingNanos = 1_000_000;

    /** @param nanoTime the engine's clock, in nanoseconds from any origin */
    public LockManager(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.news = new WaitNews(nanoTime, parties);
    }

    /** A session arrives. */
    public LockOwner register(int session, UserName user) {
        LockOwner owner = new LockOwner(session, user);
        parties.add(owner);
        return owner;
    }

    /** A session leaves; what it still holds is given back, and nothing of it stays in any queue, however it ended. */
    public void unregister(LockOwner owner) {
        try {
            releaseAll(owner);
        } finally {
            parties.remove(owner);
            if (owner.hasEntered()) { // Most that are opened and closed again have not: see Parties.enters.
                arbiter.forget(owner.session(), any -> true, nanoTime.getAsLong());
            }
        }
    }

    /** A session leaves, and its open transaction, which is prepared, keeps what it holds until {@link #unregister}. */
    public void leaveInDoubt(LockOwner owner) {
        OwnerId stays = owner.id();
        owner.starts(StatementRecord.NONE);
        owner.ends(nanoTime.getAsLong());
        owner.occupation().leave();
        arbiter.forget(owner.session(), id -> !id.equals(stays), nanoTime.getAsLong());
    }

    /** Gives back what is left of sessions that are not registered any more; returns how many there were. */
    public int releaseDefunct() {
        return arbiter.forgetAllBut(session -> parties.of(session).isPresent(), nanoTime.getAsLong());
    }

    /** A new transaction of the owner's session begins: gives it a number. No effect if one is open. */
    public OwnerId begin(LockOwner owner) {
        if (!owner.isActive()) {
            StatementRecord first = owner.statement();
            owner.begin(
                    owner.nextNumber(lastTransaction),
                    first == StatementRecord.NONE ? nanoTime.getAsLong() : first.startNanos());
        }
        return owner.id();
    }

    public TableGate gate(LockTarget.Table target) {
        return fastPath.gate(target);
    }

    /**
     * Takes an intent lock (IS, IX) on a table without the mutex, for the owner's running statement.
     *
     * @return false if that cannot be done now: call {@link #acquire}
     */
    public boolean tryIntent(LockOwner owner, TableGate gate, LockMode intent) {
        begin(owner);
        return owner.slots().take(gate, intent, fastPath);
    }

    /** Acquires a lock for the owner's running statement, waiting by the rule. Opens a transaction if none is. */
    public WaitOutcome acquire(LockOwner owner, LockTarget target, LockMode mode, WaitRule rule) {
        begin(owner);
        if (!fastPath.isOpenAbove()) {
            for (LockTarget above : target.above()) {
                LockRequest intention = request(owner, above, mode.intention(), rule);
                WaitOutcome outcome = decide(intention, rule, Optional.empty());
                if (!(outcome instanceof WaitOutcome.Acquired)) {
                    return outcome;
                }
            }
        }
        return decide(request(owner, target, mode, rule), rule, Optional.empty());
    }

    /**
     * Acquires a name for the owner's session, in no transaction: no end of one gives it back, only {@link #release}
     * and the end of the session.
     */
    public WaitOutcome acquireForSession(LockOwner owner, LockTarget.Name name, WaitRule rule) {
        return decide(request(owner, name, LockMode.X, rule).forSession(), rule, Optional.empty());
    }

    /** What the owner's transaction holds is its session's from now on, as if that had acquired it. */
    public void handToSession(LockOwner owner, LockTarget.Name name) {
        arbiter.handToSession(owner.id(), name, nanoTime.getAsLong());
    }

    /**
     * Acquires a lock that storage says is held, exclusively, by another owner: that lock is entered in the table
     * first, as taken by the statement that storage names. If the holder has ended meanwhile, returns granted: look at
     * storage again, and {@link #confirm} once it is taken there.
     *
     * <p>The holder of a {@link LockTarget.StatementSlot} is its session with transaction number 0, and so is a waiter
     * that is in no transaction.
     */
    public WaitOutcome acquireFrom(Holding holder, LockOwner owner, LockTarget target, LockMode mode, WaitRule rule) {
        if (!(target instanceof LockTarget.StatementSlot)) {
            begin(owner);
        }
        return decide(request(owner, target, mode, rule), rule, Optional.of(holder));
    }

    private LockRequest request(LockOwner owner, LockTarget target, LockMode mode, WaitRule rule) {
        StatementRecord statement = rule.watch().statement().orElse(owner.statement());
        return new LockRequest(owner.id(), target, mode, statement, nanoTime.getAsLong(), rule.place());
    }

    private WaitOutcome decide(LockRequest request, WaitRule rule, Optional<Holding> holder) {
        Waiter waiter = new Waiter(request, rule, holder);
        parties.rouseFor(waiter);
        boolean isOver = false;
        try {
            WaitOutcome outcome = decide(waiter, holder);
            isOver = true;
            return outcome;
        } finally {
            if (!isOver) {
                // An Error: nobody waits, so nothing may stand in the queue.
                arbiter.abandon(waiter, request.nanos());
            }
        }
    }

    private WaitOutcome decide(Waiter waiter, Optional<Holding> holder) {
        Arbiter.Answer answer = arbiter.ask(waiter, holder);
        try {
            answer.cycles().forEach(news::found);
            return answer.queued().isEmpty()
                    ? news.outcome(waiter)
                    : await(waiter, answer.queued().get());
        } finally {
            answer.cycles().forEach(Waiter.Cycle::settle); // The victim has gone on by now, if this one waited for it.
        }
    }

    private WaitOutcome await(Waiter waiter, LockRow queued) {
        boolean isOver = false;
        try {
            news.started(queued, waiter);
            Spot.WAIT_BEGINS.pass();
            await(waiter);
            Spot.WAIT_ENDED.pass();
            WaitOutcome outcome = news.outcome(waiter);
            isOver = true;
            news.tell(listener -> listener.waitEnded(queued, waited(waiter), outcome));
            return outcome;
        } finally {
            parties.hasWaited(queued.owner(), nanoTime.getAsLong() - waiter.request.nanos());
            if (!isOver) { // What the start of the wait has set up has to go, or it would be taken for the next one's.
                news.tell(listener -> listener.waitBroken(queued, waited(waiter)));
            }
        }
    }

    private Duration waited(Waiter waiter) {
        return Duration.ofNanos(nanoTime.getAsLong() - waiter.request.nanos());
    }

    /** Blocks until the wait is over. An interrupt ends it, and is left for the caller to see. */
    private void await(Waiter waiter) {
        look(waiter); // What has happened between the look at storage and the place in the queue.
        int session = waiter.request.owner().session();
        WaitNews.Age age = news.new Age();
        while (!waiter.isOver()) {
            long waited = nanoTime.getAsLong() - waiter.request.nanos();
            if (HeldInterrupt.isUp()) {
                end(session, WaitEnding.of(WaitEnd.INTERRUPTED), waiter);
            } else if (waited >= waiter.limitNanos()) {
                end(session, WaitEnding.of(WaitEnd.TIMEOUT), waiter);
            } else if (waited >= age.next()) {
                age.tell(waited, waiter, () -> arbiter.pendingOf(session), this::snapshot);
            } else {
                ticker.park(waiter, Math.min(waiter.limitNanos(), age.next()) - waited);
            }
        }
    }

    private void end(int session, WaitEnding ending, Waiter which) {
        arbiter.end(session, ending, Optional.of(which), nanoTime.getAsLong());
    }

    /**
     * May this owner take a row (or key, or slot) in storage without asking for it here first? True while nobody waits
     * for it, or while the waiter at the head has been there for less than {@code LOCK_BARGING}. Nearly free while no
     * row is waited for.
     */
    public boolean admits(LockOwner owner, LockTarget target) {
        return !fastPath.mayBeContended(target)
                || arbiter.admits(owner.id(), target, nanoTime.getAsLong(), bargingNanos);
    }

    /** May anybody hold or want a lock on this target here? False means no; nearly free. */
    public boolean mayBeContended(LockTarget target) {
        return fastPath.mayBeContended(target);
    }

    /** The same of every row, key and slot: what is asked before a target is even made. */
    public boolean mayBeContended() {
        return fastPath.mayBeContended();
    }

    /**
     * Does anybody else hold this row or key shared? To be asked after it has been taken in storage: who shares it
     * enters that here before looking at storage, so at least one of the two sees the other. Nearly free while nobody
     * shares any.
     */
    public boolean isSharedByAnother(LockOwner owner, LockTarget target) {
        return fastPath.mayBeShared()
                && fastPath.mayBeContended(target)
                && arbiter.isSharedByAnother(owner.id(), target);
    }

    /** May anybody hold any row or key shared? Nearly free; no means no. */
    public boolean mayBeShared() {
        return fastPath.mayBeShared();
    }

    /** Does the owner hold a lock on this row, key or name here, whatever storage knows? */
    public boolean holds(LockOwner owner, LockTarget target) {
        return fastPath.mayBeContended(target) && arbiter.holds(owner.id(), target);
    }

    /** Does the owner hold this row or key shared, by the lock table's own word? */
    public boolean isSharedBy(LockOwner owner, LockTarget target) {
        return fastPath.mayBeShared() && fastPath.mayBeContended(target) && arbiter.isSharedBy(owner.id(), target);
    }

    /**
     * Shares rows that the owner has in storage and is about to give back there, as a roll-back to a savepoint does.
     * Never waits: nobody else can have them.
     */
    public void shareTaken(LockOwner owner, List<LockTarget.Row> rows) {
        long now = nanoTime.getAsLong();
        OwnerId id = begin(owner);
        for (int i = 0; i < rows.size(); i += AT_ONCE) {
            List<LockRequest> some = new ArrayList<>();
            for (LockTarget.Row row : rows.subList(i, Math.min(rows.size(), i + AT_ONCE))) {
                some.add(new LockRequest(id, row, LockMode.S, owner.statement(), now, WaitRule.Place.IN_LINE));
            }
            arbiter.shareTaken(owner, some);
        }
    }

    /** Forgets that storage gave this row to somebody, if it has taken it back since; asked outside the mutex. */
    public void forgetLetGo(LockTarget target, WaitWatch watch) {
        if (fastPath.mayBeContended(target)) {
            releaseLetGo(target, watch);
        }
    }

    private void releaseLetGo(LockTarget target, WaitWatch watch) {
        arbiter.implicitHolder(target)
                .filter(watch::hasLetGo)
                .ifPresent(holder -> arbiter.releaseLetGo(holder, target, nanoTime.getAsLong()));
    }

    /**
     * Is the holder of a row about to be done, as far as can be seen? It waits for nobody, and has worked for a small
     * part of the time in which a waiter may be passed; so never if that is 0. Who wants the row had better look out
     * for it than fall asleep.
     */
    public boolean isBrief(LockOwner holder) {
        return holder.isBrief(nanoTime.getAsLong(), bargingNanos / BRIEF_PART);
    }

    /** The owner has found taken what it was handed. It looks out for that, and nobody passes it any more. */
    public void awakes(LockOwner owner, LockTarget target) {
        arbiter.awakes(owner.id(), target, nanoTime.getAsLong());
    }

    /** The owner has taken in storage what it waited for. */
    public void confirm(LockOwner owner, LockTarget target) {
        arbiter.confirm(owner.id(), target, nanoTime.getAsLong());
    }

    /** The owner does not take in storage what it may have been handed. */
    public void decline(LockOwner owner, LockTarget target) {
        if (fastPath.mayBeContended(target)) {
            arbiter.decline(owner.id(), target, nanoTime.getAsLong());
        }
    }

    /**
     * Gives back one lock before the transaction ends: an advisory lock, a statement slot, a table that is gone, a
     * row's keys. Of the last two only on the thread that runs the owner's statement.
     */
    public void release(OwnerId owner, LockTarget target) {
        boolean isInSlots = target instanceof LockTarget.Table || target instanceof LockTarget.RowKey;
        boolean isDone = isInSlots
                && parties.of(owner.session())
                        .filter(session -> session.giveBack(target))
                        .isPresent();
        if (!isDone) {
            arbiter.release(owner, target, nanoTime.getAsLong());
        }
    }

    /** The owner's transaction has ended, in storage too: gives back all it holds. No effect if none was open. */
    public void releaseAll(LockOwner owner) {
        long ended = owner.transaction();
        if (owner.end()) {
            arbiter.releaseAll(owner, new OwnerId(owner.session(), ended), nanoTime.getAsLong());
            owner.takeCycle().ifPresent(Waiter.Cycle::awaitTold);
        }
    }

    /** Ends the wait of a session, if it waits. Never waits for the session itself. */
    public boolean endWait(int session, WaitEnding ending) {
        return arbiter.end(session, ending, Optional.empty(), nanoTime.getAsLong());
    }

    /** Asks what the lock manager cannot see of a wait; not under the mutex. */
    private void look(Waiter waiter) {
        WaitWatch watch = waiter.rule.watch();
        Optional<WaitEnding> ending = watch.ending();
        if (ending.isPresent()) {
            end(waiter.request.owner().session(), ending.get(), waiter);
        } else {
            releaseLetGo(waiter.request.target(), watch);
        }
    }

    /** The pending request of a session, if it waits. */
    public Optional<LockRow> waiting(int session) {
        return arbiter.pendingOf(session);
    }

    /** Does anybody wait because of a lock that this session holds? */
    public boolean keepsWaiting(int session) {
        return arbiter.keepsWaiting(session);
    }

    /** Every lock that is known here: those of the table at one instant, and those of the fast path beside it. */
    public LockSnapshot snapshot() {
        long now = nanoTime.getAsLong();
        List<LockRow> rows = new ArrayList<>(arbiter.rows());
        for (LockOwner owner : parties.all()) {
            for (Places.Taken taken : owner.slots().taken()) {
                rows.add(taken.asRow());
            }
        }
        return new LockSnapshot(now, List.copyOf(rows), parties.describeAll(rows, now));
    }

    public void addListener(LockListener listener) {
        news.add(listener);
    }

    public void removeListener(LockListener listener) {
        news.remove(listener);
    }

    /** How long a running thread may pass the first waiter, in microseconds; 0 turns barging off. */
    public void setBarging(long micros) {
        bargingNanos = micros * 1_000;
    }

    /** After how long a wait is told to {@link LockListener#waitIsOld} and waitIsLong, in milliseconds; 0 for never. */
    public void setLongWaits(long oldMillis, long longMillis) {
        news.setAges(oldMillis, longMillis);
    }

    /** Ends every wait with {@link WaitEnd#SHUTDOWN}, and lets nobody wait or lock until {@link #resume}. */
    public void endWaits() {
        arbiter.close(nanoTime.getAsLong());
    }

    /** The shutdown for which all waits were ended has not come about. */
    public void resume() {
        arbiter.open();
    }

    /** Ends every wait with {@link WaitEnd#SHUTDOWN}. */
    @Override
    public void close() {
        try {
            endWaits();
        } finally {
            ticker.close();
        }
    }
}
