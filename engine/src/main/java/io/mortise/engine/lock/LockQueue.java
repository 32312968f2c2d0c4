package io.mortise.engine.lock;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One target: the locks granted on it and the requests that wait for it, in the order in which they will be served.
 * Conversions stand before newcomers. Called under the mutex.
 *
 * <p>Invariants: granted modes of different owners are compatible; the first pending request can not be granted; an owner
 * has at most one grant and one pending request here.
 */
final class LockQueue {
    private static final LockMode[] MODES = LockMode.values();

    final LockTarget target;
    final boolean inStorage;
    /** Is it counted among the targets that may be contended? */
    boolean isListed;
    /** And among those that somebody may hold shared? */
    boolean isListedShared;

    /** The search that has put all holders on its list, by the mode it looked with. */
    long searchedIn;

    int searchedModes;

    private final Map<OwnerId, Grant> grants = new LinkedHashMap<>(4);
    private final int[] held = new int[MODES.length];
    private final List<Pending> pending = new ArrayList<>(2);

    LockQueue(LockTarget target) {
        this.target = target;
        this.inStorage = target.isInStorage();
    }

    boolean isEmpty() {
        return grants.isEmpty() && pending.isEmpty();
    }

    Iterable<Grant> grants() {
        return grants.values();
    }

    List<Pending> pending() {
        return pending;
    }

    Optional<Grant> grantOf(OwnerId owner) {
        return Optional.ofNullable(grants.get(owner));
    }

    /** How many locks other than intentions are held or wanted here. */
    int strong() {
        int strong = grants.size() - held[LockMode.IS.ordinal()] - held[LockMode.IX.ordinal()];
        for (Pending request : pending) {
            strong += request.mode.isIntention() ? 0 : 1;
        }
        return strong;
    }

    /** Does {@code mode} go together with what the others hold? */
    boolean fits(OwnerId owner, LockMode mode) {
        Grant own = grants.get(owner);
        for (LockMode other : MODES) {
            int holders = held[other.ordinal()] - (own != null && own.mode == other ? 1 : 0);
            if (holders > 0 && !mode.compatibleWith(other)) {
                return false;
            }
        }
        return true;
    }

    /** Would a newcomer pass somebody who waits for something that conflicts, and not behind everybody? */
    boolean overtakes(LockRequest newcomer) {
        for (Pending ahead : pending) {
            boolean counts = !ahead.last || newcomer.place() == WaitRule.Place.LAST;
            if (counts && !newcomer.mode().compatibleWith(ahead.mode)) {
                return true;
            }
        }
        return false;
    }

    /** What is granted here is storage's to give, if storage has such a lock: it may have been quicker to give it away. */
    Grant.Kind kindOf(LockMode mode) {
        return inStorage && mode == LockMode.X ? Grant.Kind.HANDED : Grant.Kind.EXPLICIT;
    }

    void add(Grant grant) {
        Grant before = grants.put(grant.owner, grant);
        if (before != null) {
            grant.overShared = grant.kind != Grant.Kind.EXPLICIT && before.isShared();
            held[before.mode.ordinal()]--;
        }
        held[grant.mode.ordinal()]++;
    }

    void strengthen(Grant grant, LockMode mode, Grant.Kind kind) {
        grant.overShared = kind != Grant.Kind.EXPLICIT && grant.isShared();
        held[grant.mode.ordinal()]--;
        grant.mode = mode;
        grant.kind = kind;
        held[mode.ordinal()]++;
    }

    /** What storage had given is gone; the shared lock below it is not. */
    void weaken(Grant grant) {
        held[grant.mode.ordinal()]--;
        grant.mode = LockMode.S;
        grant.kind = Grant.Kind.EXPLICIT;
        grant.overShared = false;
        held[LockMode.S.ordinal()]++;
    }

    /** Does anybody but this owner hold the target shared? */
    boolean isSharedByAnother(OwnerId owner) {
        for (Grant grant : grants.values()) {
            if (grant.isShared() && !grant.owner.equals(owner)) {
                return true;
            }
        }
        return false;
    }

    Optional<Grant> removeGrant(OwnerId owner) {
        Grant grant = grants.remove(owner);
        if (grant != null) {
            held[grant.mode.ordinal()]--;
        }
        return Optional.ofNullable(grant);
    }

    /** Puts a request behind those of its kind: conversions come before newcomers, and these before those who go last. */
    void append(Pending request, long nowNanos) {
        int index = 0;
        while (index < pending.size() && isBefore(pending.get(index), request)) {
            index++;
        }
        pending.add(index, request);
        markFirst(nowNanos);
    }

    private static boolean isBefore(Pending earlier, Pending later) {
        return later.last || !earlier.last && (earlier.conversion || !later.conversion);
    }

    /** Puts a request back at the head: it had the lock and was passed over. */
    void restore(Pending request, long nowNanos) {
        pending.add(0, request);
        markFirst(nowNanos);
    }

    void removePending(Pending request, long nowNanos) {
        pending.remove(request);
        markFirst(nowNanos);
    }

    /** Moves {@code request} to just before {@code other}; both wait here. */
    void moveBefore(Pending request, Pending other) {
        pending.remove(request);
        pending.add(pending.indexOf(other), request);
    }

    /** Restores an order that {@link #pending()} had before a move. */
    void reorder(List<Pending> order) {
        pending.clear();
        pending.addAll(order);
    }

    /**
     * Grants what can be granted now, from the head. A request further back is granted only if it goes together with
     * every request that still waits ahead of it.
     */
    List<Pending> promote(long nowNanos) {
        if (pending.isEmpty()) {
            return List.of();
        }
        List<Pending> granted = new ArrayList<>(1);
        int waitingModes = 0;
        for (int i = 0; i < pending.size() && (waitingModes & 1 << LockMode.X.ordinal()) == 0; ) {
            Pending request = pending.get(i);
            if (fits(request.owner, request.mode) && compatible(request.mode, waitingModes)) {
                pending.remove(i);
                add(new Grant(request, kindOf(request.mode), nowNanos));
                granted.add(request);
            } else {
                waitingModes |= 1 << request.mode.ordinal();
                i++;
            }
        }
        markFirst(nowNanos);
        return granted;
    }

    private static boolean compatible(LockMode mode, int modes) {
        for (LockMode other : MODES) {
            if ((modes & 1 << other.ordinal()) != 0 && !mode.compatibleWith(other)) {
                return false;
            }
        }
        return true;
    }

    private void markFirst(long nowNanos) {
        if (!pending.isEmpty() && pending.get(0).firstSinceNanos == 0) {
            pending.get(0).firstSinceNanos = nowNanos;
        }
    }

    /**
     * May {@code owner} take the target in storage ahead of everybody here? Not past a lock that storage does not know;
     * past the first in line only while it has been first for less than {@code bargingNanos}.
     */
    boolean admits(OwnerId owner, long nowNanos, long bargingNanos) {
        for (Grant grant : grants.values()) {
            if (grant.owner.equals(owner)) {
                if (grant.mode == LockMode.X) {
                    return true;
                }
            } else if (grant.kind == Grant.Kind.EXPLICIT || grant.overShared) {
                return false;
            } else if (grant.kind == Grant.Kind.HANDED) {
                return nowNanos - grant.firstSinceNanos < bargingNanos;
            }
        }
        return pending.isEmpty() || nowNanos - pending.get(0).firstSinceNanos < bargingNanos;
    }

    /** Whom {@code request} waits for: holders first, then those ahead of it, in order. */
    private List<LockRow.Blocker> blockersOf(Pending request) {
        List<LockRow.Blocker> blockers = holdersBlocking(request);
        for (Pending ahead : pending) {
            if (ahead == request) {
                break;
            }
            if (!request.mode.compatibleWith(ahead.mode)) {
                blockers.add(new LockRow.Blocker(ahead.owner, EdgeKind.QUEUED_AHEAD, ahead.mode, ahead.statement));
            }
        }
        return blockers;
    }

    private List<LockRow.Blocker> holdersBlocking(Pending request) {
        List<LockRow.Blocker> blockers = new ArrayList<>();
        EdgeKind kind = target instanceof LockTarget.StatementSlot ? EdgeKind.STATEMENT_SLOT : EdgeKind.HOLDS;
        for (Grant grant : grants.values()) {
            if (!grant.owner.equals(request.owner) && !request.mode.compatibleWith(grant.mode)) {
                blockers.add(new LockRow.Blocker(grant.owner, kind, grant.mode, grant.statement));
            }
        }
        return blockers;
    }

    private List<LockRow.Blocker> nearestBlockers(Pending request) {
        List<LockRow.Blocker> blockers = holdersBlocking(request);
        for (int i = pending.indexOf(request) - 1; i >= 0; i--) {
            Pending ahead = pending.get(i);
            if (!request.mode.compatibleWith(ahead.mode)) {
                blockers.add(new LockRow.Blocker(ahead.owner, EdgeKind.QUEUED_AHEAD, ahead.mode, ahead.statement));
                break;
            }
        }
        return blockers;
    }

    LockRow describe(Grant grant) {
        return new LockRow(
                grant.owner,
                target,
                grant.mode,
                true,
                grant.requestedNanos,
                grant.grantedNanos,
                grant.statement,
                grant.kind == Grant.Kind.IMPLICIT,
                List.of(),
                0);
    }

    LockRow describe(Pending request) {
        return describe(request, blockersOf(request));
    }

    /** Without all of those ahead, of whom there may be thousands. */
    LockRow sketch(Pending request) {
        return describe(request, nearestBlockers(request));
    }

    private LockRow describe(Pending request, List<LockRow.Blocker> blockers) {
        return new LockRow(
                request.owner,
                target,
                request.mode,
                false,
                request.requestedNanos,
                0,
                request.statement,
                false,
                blockers,
                request.passedOver);
    }
}
