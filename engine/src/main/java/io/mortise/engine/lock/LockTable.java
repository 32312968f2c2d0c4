package io.mortise.engine.lock;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Who holds what and who waits for it: answers every request at once, granted, waiting or deadlock. Never blocks, never
 * reads a clock. Called under the mutex.
 *
 * <p>An owner has at most one pending request, and so has a session. Rules 1 to 10 of granting are in engine/README.md.
 */
final class LockTable {
    /** Beyond so many locks of an owner, searching is cheaper than looking at each. */
    private static final int MANY = 256;

    private final Map<LockTarget, LockQueue> queues = new HashMap<>();
    /** What each owner holds here, in the order of granting. */
    private final Map<OwnerId, Set<LockQueue>> holdings = new HashMap<>();

    private final Map<Integer, Pending> waiting = new HashMap<>(); // by session
    private final WaitsForGraph graph = new WaitsForGraph(waiting);
    private final Deadlocks deadlocks = new Deadlocks(graph);
    private final Victims victims;
    private final Consumer<LockQueue> onChange;
    private final List<Pending> granted = new ArrayList<>();

    /** @param onChange told of each queue that has changed; an empty one is about to go */
    LockTable(Victims victims, Consumer<LockQueue> onChange) {
        this.victims = victims;
        this.onChange = onChange;
    }

    /** Asks for a lock. A mode that the owner's lock covers is granted; a stronger one is a conversion. */
    Decision request(LockRequest request) {
        return decided(ask(request), request);
    }

    /** Granted, or waiting: whether that closes a cycle is for the caller to {@link #look} at, if the owner does wait. */
    Decision ask(LockRequest request) {
        OwnerId owner = request.owner();
        LockQueue queue = queueOf(request.target());
        Optional<Grant> own = queue.grantOf(owner);
        if (own.isPresent() && own.get().mode.covers(request.mode())) {
            return new Decision.Granted();
        }
        LockMode mode = own.map(grant -> grant.mode.join(request.mode())).orElse(request.mode());
        if (queue.fits(owner, mode) && (own.isPresent() || !queue.overtakes(request))) {
            grant(queue, owner, mode, request);
            return new Decision.Granted();
        }
        Pending pending = new Pending(queue, mode, request);
        queue.append(pending, request.nanos());
        return enqueued(pending);
    }

    /**
     * Asks for a lock that storage says another owner has, as {@code held} tells. That lock is entered first, unless it contradicts one here
     * whose owner has yet to take it in storage: that owner will look for itself. A requester that was granted the lock
     * but found it taken goes back to the head of the queue.
     */
    Decision requestFrom(LockRequest held, LockRequest request) {
        return decided(askFrom(held, request), request);
    }

    /** As {@link #ask}. */
    Decision askFrom(LockRequest held, LockRequest request) {
        LockQueue queue = queueOf(request.target());
        if (queue.inStorage
                && queue.grantOf(request.owner()).filter(Grant::isShared).isPresent()) {
            return new Decision.Granted(); // Whoever has it in storage has yet to see that, and will let it go.
        }
        Optional<Grant> passedOver = queue.grantOf(request.owner()).filter(grant -> grant.kind == Grant.Kind.HANDED);
        passedOver.ifPresent(grant -> drop(queue, grant.owner));
        removeStale(queue, held.owner());
        if (queue.fits(held.owner(), LockMode.X)) {
            enter(queue, held);
        }
        if (passedOver.isEmpty()) {
            return ask(request);
        }
        Pending again = new Pending(queue, LockMode.X, request);
        again.firstSinceNanos = passedOver.get().firstSinceNanos;
        again.passedOver++;
        queue.restore(again, request.nanos());
        return enqueued(again);
    }

    /** Locks that storage had, and has no more: it says that another owner holds the target. */
    private void removeStale(LockQueue queue, OwnerId holder) {
        List<OwnerId> stale = new ArrayList<>(1);
        for (Grant grant : queue.grants()) {
            if (grant.kind == Grant.Kind.IMPLICIT && !grant.owner.equals(holder)) {
                stale.add(grant.owner);
            }
        }
        stale.forEach(owner -> letGo(queue, owner));
    }

    /** Storage has given back what it had given to this owner. */
    private void letGo(LockQueue queue, OwnerId owner) {
        Optional<Grant> shared = queue.grantOf(owner).filter(grant -> grant.overShared);
        if (shared.isPresent()) {
            queue.weaken(shared.get());
            onChange.accept(queue);
        } else {
            drop(queue, owner);
        }
    }

    private void enter(LockQueue queue, LockRequest held) {
        Optional<Grant> known = queue.grantOf(held.owner());
        if (known.isEmpty()) {
            queue.add(new Grant(held.owner(), LockMode.X, Grant.Kind.IMPLICIT, held));
            holdings.computeIfAbsent(held.owner(), any -> new LinkedHashSet<>()).add(queue);
        } else if (known.get().mode != LockMode.X) {
            queue.strengthen(known.get(), LockMode.X, Grant.Kind.IMPLICIT);
        }
    }

    /** Enters a lock that was taken without asking here (an intent lock of the fast path); it is compatible. */
    void adopt(LockRequest taken) {
        LockQueue queue = queueOf(taken.target());
        Optional<Grant> own = queue.grantOf(taken.owner());
        if (own.isEmpty() || !own.get().mode.covers(taken.mode())) {
            LockMode mode = own.map(grant -> grant.mode.join(taken.mode())).orElse(taken.mode());
            if (!queue.fits(taken.owner(), mode)) {
                throw new AssertionError(taken + " was taken past " + queue.target);
            }
            grant(queue, taken.owner(), mode, taken);
        }
    }

    /** Writes the intentions of everybody who holds or wants something on the parents of it; nobody is strong there yet. */
    void announceAll() {
        List<LockQueue> all = List.copyOf(queues.values());
        for (LockQueue queue : all) {
            for (LockRow row : rowsOf(queue)) {
                LockMode intention = row.mode().intention();
                Optional<LockTarget> parent = queue.target.parent();
                while (parent.isPresent()) {
                    adopt(new LockRequest(
                            row.owner(),
                            parent.get(),
                            intention,
                            row.statement(),
                            row.requestedNanos(),
                            WaitRule.Place.IN_LINE));
                    parent = parent.get().parent();
                }
            }
        }
    }

    /** The owner has taken in storage what was handed to it here. */
    void confirm(OwnerId owner, LockTarget target) {
        Optional.ofNullable(queues.get(target))
                .flatMap(queue -> queue.grantOf(owner))
                .filter(grant -> grant.kind == Grant.Kind.HANDED)
                .ifPresent(grant -> grant.kind = Grant.Kind.IMPLICIT);
    }

    private Decision enqueued(Pending pending) {
        waiting.put(pending.owner.session(), pending);
        changed(pending.queue);
        return new Decision.Waiting();
    }

    private Decision decided(Decision decision, LockRequest request) {
        return decision instanceof Decision.Waiting ? look(request.owner(), request.nanos()) : decision;
    }

    /**
     * Looks whether the owner's pending request is part of a cycle now. One with a queue position in it is broken by
     * changing the order, if that is enough, and nobody dies.
     */
    Decision look(OwnerId owner, long nanos) {
        Pending pending = waiting.get(owner.session());
        while (pending != null && pending == waiting.get(owner.session())) {
            List<Pending> cycle = isWaitedFor(pending) ? graph.cycleThrough(pending) : List.of();
            if (cycle.isEmpty()) {
                return new Decision.Waiting();
            }
            Optional<LockQueue> reordered = deadlocks.reorder(cycle);
            if (reordered.isEmpty()) {
                Pending victim = victims.of(cycle);
                Decision deadlock = new Decision.Deadlock(Deadlocks.links(cycle), victim.owner);
                remove(victim, nanos);
                return deadlock;
            }
            promote(reordered.get(), nanos);
        }
        return new Decision.Granted();
    }

    /** Only if somebody waits for the waiter can its wait close a cycle; when in doubt, yes. */
    private boolean isWaitedFor(Pending pending) {
        List<Pending> queue = pending.queue.pending();
        return queue.get(queue.size() - 1) != pending
                || isWaitedFor(holdings.getOrDefault(pending.owner, Set.of()))
                || isWaitedFor(holdings.getOrDefault(new OwnerId(pending.owner.session(), 0), Set.of()));
    }

    private static boolean isWaitedFor(Set<LockQueue> held) {
        return held.size() > MANY
                || held.stream().anyMatch(queue -> !queue.pending().isEmpty());
    }

    /** Takes the pending request of a session out of its queue, if it has one. */
    void withdraw(int session, long nanos) {
        Pending pending = waiting.get(session);
        if (pending != null) {
            remove(pending, nanos);
        }
    }

    private void remove(Pending pending, long nanos) {
        waiting.remove(pending.owner.session());
        pending.queue.removePending(pending, nanos);
        promote(pending.queue, nanos);
    }

    /** Gives back one lock. */
    void release(OwnerId owner, LockTarget target, long nanos) {
        LockQueue queue = queues.get(target);
        if (queue != null && queue.grantOf(owner).isPresent()) {
            drop(queue, owner);
            promote(queue, nanos);
        }
    }

    /** Whose lock on {@code target} was entered because storage has it; there is one at most. */
    Optional<OwnerId> implicitHolder(LockTarget target) {
        LockQueue queue = queues.get(target);
        if (queue != null) {
            for (Grant grant : queue.grants()) {
                if (grant.kind == Grant.Kind.IMPLICIT) {
                    return Optional.of(grant.owner);
                }
            }
        }
        return Optional.empty();
    }

    /** Gives back a lock that storage had and has let go. No effect if it is not known here, or not as storage's. */
    void releaseLetGo(OwnerId holder, LockTarget target, long nanos) {
        LockQueue queue = queues.get(target);
        if (queue != null
                && queue.grantOf(holder)
                        .filter(grant -> grant.kind == Grant.Kind.IMPLICIT)
                        .isPresent()) {
            letGo(queue, holder);
            promote(queue, nanos);
        }
    }

    /** Gives back all that an owner holds. */
    void releaseAll(OwnerId owner, long nanos) {
        Set<LockQueue> held = holdings.remove(owner);
        if (held != null) {
            for (LockQueue queue : held) {
                queue.removeGrant(owner);
                promote(queue, nanos);
            }
        }
    }

    private void promote(LockQueue queue, long nanos) {
        for (Pending request : queue.promote(nanos)) {
            waiting.remove(request.owner.session());
            holdings.computeIfAbsent(request.owner, any -> new LinkedHashSet<>())
                    .add(queue);
            granted.add(request);
        }
        changed(queue);
    }

    private void grant(LockQueue queue, OwnerId owner, LockMode mode, LockRequest request) {
        Optional<Grant> own = queue.grantOf(owner);
        Grant.Kind kind = queue.kindOf(mode);
        if (own.isPresent()) {
            queue.strengthen(own.get(), mode, kind);
        } else {
            queue.add(new Grant(owner, mode, kind, request));
            holdings.computeIfAbsent(owner, any -> new LinkedHashSet<>()).add(queue);
        }
        changed(queue);
    }

    private void drop(LockQueue queue, OwnerId owner) {
        queue.removeGrant(owner);
        Set<LockQueue> held = holdings.get(owner);
        if (held != null && held.remove(queue) && held.isEmpty()) {
            holdings.remove(owner);
        }
    }

    private LockQueue queueOf(LockTarget target) {
        return queues.computeIfAbsent(target, LockQueue::new);
    }

    private void changed(LockQueue queue) {
        onChange.accept(queue);
        if (queue.isEmpty()) {
            queues.remove(queue.target);
        }
    }

    /** The owners whose requests have been granted since this was last asked, in that order. */
    List<OwnerId> takeGranted() {
        if (granted.isEmpty()) {
            return List.of();
        }
        List<OwnerId> owners = granted.stream().map(request -> request.owner).toList();
        granted.clear();
        return owners;
    }

    Optional<LockQueue> queue(LockTarget target) {
        return Optional.ofNullable(queues.get(target));
    }

    /** The pending request of a session; of those ahead of it, the nearest stands for all. */
    Optional<LockRow> sketchOf(int session) {
        return Optional.ofNullable(waiting.get(session)).map(request -> request.queue.sketch(request));
    }

    Optional<LockRow> pendingOf(int session) {
        return Optional.ofNullable(waiting.get(session)).map(request -> request.queue.describe(request));
    }

    /** The requests that stand ahead of a session's own, in order. */
    List<LockRow> aheadOf(int session) {
        Pending own = waiting.get(session);
        return own == null
                ? List.of()
                : own.queue.pending().stream()
                        .takeWhile(request -> request != own)
                        .map(own.queue::describe)
                        .toList();
    }

    /** Every lock, granted ones of a target before pending ones. */
    List<LockRow> rows() {
        List<LockRow> rows = new ArrayList<>();
        queues.values().forEach(queue -> rows.addAll(rowsOf(queue)));
        return rows;
    }

    private static List<LockRow> rowsOf(LockQueue queue) {
        List<LockRow> rows = new ArrayList<>();
        queue.grants().forEach(grant -> rows.add(queue.describe(grant)));
        queue.pending().forEach(request -> rows.add(queue.describe(request)));
        return rows;
    }
}
