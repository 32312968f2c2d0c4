package io.mortise.engine.lock;

import io.mortise.engine.lock.Party.Doing;
import io.mortise.engine.lock.Party.Standing;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.ByNumber;
import io.mortise.engine.thread.LateStack;
import io.mortise.engine.thread.StackReads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sessions that the lock manager knows, and what can be said of them. Thread-safe; reads no lock. */
final class Parties implements Victims.Facts {
    private static final long ROUSED_APART_NANOS = 10_000_000;

    private final ByNumber<LockOwner> owners = new ByNumber<>(LockOwner::session);
    private final StackReads stackReads = new StackReads();
    private final StackReads.Spaced roused = new StackReads.Spaced();

    void add(LockOwner owner) {
        owners.put(owner);
    }

    void remove(LockOwner owner) {
        owners.remove(owner);
    }

    Iterable<LockOwner> all() {
        return owners.all();
    }

    Optional<LockOwner> of(int session) {
        return owners.find(session);
    }

    /** A thread of this session's begins to wait. */
    void waits(Waiter waiter) {
        of(waiter.request.owner().session()).ifPresent(owner -> owner.waits(waiter));
    }

    /**
     * One session asks for what another has in storage. Does that one wait for what the first has? Then this closes a
     * cycle, and the other's thread had better be awake when it is decided who gives way. Only a guess, and only that
     * is done by it. In a storm of deadlocks all processors are busy, and few are roused.
     */
    void rouseFor(Waiter asks) {
        Waiter waiter = asks.waits()
                ? asks.holder().map(owners::get).map(LockOwner::waiter).orElse(null)
                : null;
        if (waiter != null
                && waiter.isBehind(asks.request.owner().session())
                && roused.lets(asks.request.nanos(), ROUSED_APART_NANOS)) {
            waiter.rouse();
        }
    }

    /** It has waited for so long. */
    void hasWaited(OwnerId id, long nanos) {
        of(id.session()).ifPresent(owner -> owner.hasWaited(nanos));
    }

    /**
     * The lock table is about to know something of a transaction; false if that, or its session, has ended. Under the
     * mutex.
     *
     * <p>It is noted first that the session has entered, and then looked whether that is still here. One that leaves is
     * taken out first, and then asked whether it has entered. So one of the two sees the other.
     */
    boolean enters(OwnerId id) {
        LockOwner owner = owners.get(id.session());
        return owner != null && owner.enters(id) && owners.get(id.session()) == owner;
    }

    /**
     * The same of a session that asks for something itself; false if it has left. It may have been closed in the middle
     * of a statement, and nobody would give back what it gets.
     */
    boolean enters(int session) {
        LockOwner owner = owners.get(session);
        if (owner == null) {
            return false;
        }
        owner.enters();
        return owners.get(session) == owner;
    }

    /** What storage says an owner holds, as the lock table would have been asked for it. */
    LockRequest holding(Holding holder, LockRequest wanted) {
        StatementRecord statement = holder.statement();
        LockOwner owner = owners.get(holder.owner().session());
        long since = statement != StatementRecord.NONE || owner == null ? statement.startNanos() : owner.startNanos();
        return new LockRequest(holder.owner(), wanted.target(), LockMode.X, statement, since, WaitRule.Place.IN_LINE);
    }

    @Override
    public int priority(OwnerId id) {
        LockOwner owner = owners.get(id.session());
        return owner == null ? 0 : owner.deadlockPriority();
    }

    @Override
    public long rowsChanged(OwnerId id) {
        LockOwner owner = owners.get(id.session());
        return owner == null ? 0 : owner.rowsChanged();
    }

    @Override
    public long begunNanos(OwnerId id) {
        LockOwner owner = owners.get(id.session());
        return owner == null ? 0 : owner.startNanos();
    }

    /** Is it read where the thread of a statement stands now? That is a safepoint, so not for fun. */
    enum Stacks {
        READ,
        LEFT_OUT
    }

    Party describe(OwnerId id, long nowNanos, Stacks stacks) {
        LockOwner owner = owners.get(id.session());
        if (owner == null) {
            return new Party(
                    id,
                    UserName.NONE,
                    StatementRecord.NONE,
                    0,
                    nowNanos,
                    0,
                    0,
                    List.of(),
                    Standing.of(Doing.IDLE_IN_TRANSACTION));
        }
        StatementRecord statement = owner.statement();
        long idleSince = owner.idleSince();
        return new Party(
                id,
                owner.user(),
                statement,
                idleSince == 0 ? Party.RUNS : Math.max(0, nowNanos - idleSince),
                owner.startNanos(),
                owner.deadlockPriority(),
                owner.rowsChanged(),
                stack(statement, nowNanos, stacks),
                idleSince == 0
                        ? owner.occupation().running()
                        : owner.occupation().idle(id));
    }

    /** Who waits, with the statement that does, whichever the owner's session runs or ran last. */
    Party describeWaiter(LockRow request, long nowNanos, Stacks stacks) {
        StatementRecord statement = request.statement();
        Party party = describe(request.owner(), nowNanos, statement == StatementRecord.NONE ? stacks : Stacks.LEFT_OUT);
        return statement == StatementRecord.NONE
                ? party
                : party.waitingIn(statement, stack(statement, nowNanos, stacks));
    }

    /** A deadlock. The stacks of its members' threads, if it is their turn, have yet to be put down. */
    DeadlockReport report(long id, Decision.Deadlock deadlock, long nowNanos) {
        boolean hasStacks = stackReads.mayRead(nowNanos);
        List<DeadlockReport.Member> members = new ArrayList<>(deadlock.members().size());
        for (Decision.Link link : deadlock.members()) {
            Party party = describeWaiter(link.waitsFor(), nowNanos, Stacks.LEFT_OUT);
            if (hasStacks && party.statement() != StatementRecord.NONE) {
                party = party.standingAt(new LateStack(party.statement().thread()));
            }
            members.add(new DeadlockReport.Member(party, link.waitsFor(), link.edge()));
        }
        return new DeadlockReport(id, nowNanos, Collections.unmodifiableList(members), deadlock.victim());
    }

    private List<StackTraceElement> stack(StatementRecord statement, long nowNanos, Stacks stacks) {
        return stacks == Stacks.READ && statement != StatementRecord.NONE
                ? stackReads.of(statement.id(), statement.thread(), nowNanos)
                : List.of();
    }

    List<Party> describeBlockers(LockRow request, long nowNanos, Stacks stacks) {
        return request.blockers().stream()
                .map(blocker -> describe(blocker.owner(), nowNanos, stacks))
                .toList();
    }

    /** Those that hold or wait for something, by session. */
    Map<Integer, Party> describeAll(List<LockRow> rows, long nowNanos) {
        Map<Integer, Party> parties = new HashMap<>();
        for (LockRow row : rows) {
            parties.computeIfAbsent(row.owner().session(), session -> describe(row.owner(), nowNanos, Stacks.LEFT_OUT));
        }
        return parties;
    }
}
