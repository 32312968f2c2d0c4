package io.mortise.engine.lock;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One target: the locks granted on it and the requests that wait for it, in the order in which they will be served.
 * Conversions stand before newcomers. Called under the mutex.
 *
 * <p>Invariants: granted modes of different owners are compatible; the first pending request cannot be granted; an
 * owner has at most one grant and one pending request here.
 */
final class LockQueue {
    /** So often a newcomer is passed by those for whom others wait; then it is served in its turn. */
    static final int MOST_PASSED = 64;

    private static final OwnerId NOBODY = new OwnerId(0, -1);
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
    private final WaitingLine pending = new WaitingLine();
    /** How many hold the target by the lock table's own word, and how many of them shared. */
    private int firm;

    private int shared;
    /** The lock that storage has given or is to give; there is one at most. */
    private @Nullable Grant given;
    /** How many requests have been looked at to decide; what it costs, as a number that tests can compare. */
    private long steps;

    /** How many requests have gone before newcomers because others waited for their owners. */
    private long urgent;

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

    WaitingLine pending() {
        return pending;
    }

    long steps() {
        return steps;
    }

    Optional<Grant> grantOf(OwnerId owner) {
        return Optional.ofNullable(grants.get(owner));
    }

    /** How many locks other than intentions are held or wanted here. */
    int strong() {
        return grants.size()
                - held[LockMode.IS.ordinal()]
                - held[LockMode.IX.ordinal()]
                + pending.size()
                - pending.count(LockMode.IS)
                - pending.count(LockMode.IX);
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
        boolean isLast = newcomer.place() == WaitRule.Place.LAST;
        for (LockMode other : MODES) {
            int ahead = pending.count(other) - (isLast ? 0 : pending.countLast(other));
            if (ahead > 0 && !newcomer.mode().compatibleWith(other)) {
                return true;
            }
        }
        return false;
    }

    /** Storage confirms what is granted here, if storage has such a lock: it may have given it to another already. */
    Grant.Kind kindOf(LockMode mode) {
        return inStorage && mode == LockMode.X ? Grant.Kind.HANDED : Grant.Kind.EXPLICIT;
    }

    void add(Grant grant) {
        Grant before = grants.put(grant.owner, grant);
        if (before != null) {
            count(before, -1);
            grant.overShared = grant.kind != Grant.Kind.EXPLICIT && before.isShared();
        }
        count(grant, 1);
    }

    private void count(Grant grant, int change) {
        held[grant.mode.ordinal()] += change;
        shared += grant.isShared() ? change : 0;
        firm += grant.isFirm() ? change : 0;
        if (grant.kind != Grant.Kind.EXPLICIT) {
            given = change > 0 ? grant : null;
        }
    }

    void strengthen(Grant grant, LockMode mode, Grant.Kind kind) {
        count(grant, -1);
        grant.overShared = kind != Grant.Kind.EXPLICIT && grant.isShared();
        grant.mode = mode;
        grant.kind = kind;
        count(grant, 1);
    }

    /** What storage had given is gone; the shared lock below it is not. */
    void weaken(Grant grant) {
        count(grant, -1);
        grant.mode = LockMode.S;
        grant.kind = Grant.Kind.EXPLICIT;
        grant.overShared = false;
        count(grant, 1);
    }

    /** The owner of what storage has given holds it shared too. */
    void shareBelow(Grant grant) {
        count(grant, -1);
        grant.overShared = true;
        count(grant, 1);
    }

    /** The lock here that is storage's to give, if there is one. */
    Optional<Grant> given() {
        return Optional.ofNullable(given);
    }

    boolean isShared() {
        return shared > 0;
    }

    /** Does anybody but this owner hold the target shared? */
    boolean isSharedByAnother(OwnerId owner) {
        Grant own = shared == 0 ? null : grants.get(owner);
        return shared > (own != null && own.isShared() ? 1 : 0);
    }

    Optional<Grant> removeGrant(OwnerId owner) {
        Grant grant = grants.remove(owner);
        if (grant != null) {
            count(grant, -1);
        }
        return Optional.ofNullable(grant);
    }

    /** Counts anew, and takes out the requests that are not to stay; see {@link LockTable#derive}. */
    void derive(Predicate<Pending> stays) {
        Arrays.fill(held, 0);
        firm = 0;
        shared = 0;
        given = null;
        grants.values().forEach(grant -> count(grant, 1));
        pending.derive(stays);
    }

    /**
     * Puts a request behind those of its kind: conversions come before newcomers, and these before those who go last.
     * An urgent one goes before newcomers, and stops being urgent if the first of them has been passed often enough.
     */
    void append(Pending request) {
        steps++;
        Pending passed = pending.plain();
        request.urgent = request.urgent
                && !request.conversion
                && !request.last
                && (passed == null || urgent - passed.cameAfterUrgent < MOST_PASSED);
        if (request.urgent) {
            urgent++;
            if (passed != null) {
                passed.passedOver++;
            }
        }
        request.cameAfterUrgent = urgent;
        pending.add(request);
    }

    /** Puts a request back at the head: it had the lock and was passed over. */
    void restore(Pending request) {
        pending.addFirst(request);
    }

    void removePending(Pending request) {
        steps++;
        pending.leave(request);
    }

    /**
     * Grants what can be granted now, from the head. A request further back is granted only if it goes together with
     * every request that still waits ahead of it.
     */
    List<Pending> promote(long nowNanos) {
        Pending request = pending.first();
        if (request == null) {
            return List.of();
        }
        List<Pending> granted = new ArrayList<>(1);
        int waitingModes = 0;
        int special = pending.special();
        while (request != null && (special > 0 || isAnyOpen(waitingModes))) {
            steps++;
            Pending next = request.next;
            special -= request.conversion || request.last ? 1 : 0;
            if (request.mode.compatibleWithAll(waitingModes) && fits(request.owner, request.mode)) {
                pending.leave(request);
                add(new Grant(request, kindOf(request.mode), nowNanos));
                granted.add(request);
            } else {
                waitingModes |= 1 << request.mode.ordinal();
            }
            request = next;
        }
        return granted;
    }

    /** Could a newcomer that waits here, of whatever mode, be granted behind those that go on waiting? */
    private boolean isAnyOpen(int waitingModes) {
        for (LockMode mode : MODES) {
            if (pending.count(mode) > 0 && mode.compatibleWithAll(waitingModes) && fits(NOBODY, mode)) {
                return true;
            }
        }
        return false;
    }

    /** The owner has taken in storage what it was handed. */
    void taken(OwnerId owner) {
        if (given != null && given.kind == Grant.Kind.HANDED && given.owner.equals(owner)) {
            given.kind = Grant.Kind.IMPLICIT;
        }
    }

    /** The thread of the owner, who has been handed the target, does not sleep any more. */
    void awakes(OwnerId owner) {
        if (given != null && given.kind == Grant.Kind.HANDED && given.owner.equals(owner)) {
            given.awake = true;
        }
    }

    /**
     * May {@code owner} take the target in storage ahead of everybody here? Not past a lock that storage does not know.
     * Past the first in line, until that was handed the target {@code bargingNanos} ago. While its thread sleeps on
     * what it was handed, for twice as long: a lock held asleep helps nobody. Not while it is awake.
     */
    boolean admits(OwnerId owner, long nowNanos, long bargingNanos) {
        Grant own = grants.get(owner);
        if (own != null && own.mode == LockMode.X) {
            return true;
        }
        if (firm > (own != null && own.isFirm() ? 1 : 0)) {
            return false;
        }
        Grant other = given;
        if (other != null && other.kind == Grant.Kind.HANDED) {
            return !other.awake && nowNanos - other.handedNanos < 2 * bargingNanos;
        }
        Pending first = pending.first();
        return first == null
                || bargingNanos > 0 && (first.handedNanos == 0 || nowNanos - first.handedNanos < bargingNanos);
    }
}
