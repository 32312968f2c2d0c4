package io.mortise.engine.lock;

import io.mortise.engine.fault.Spot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who holds what and who waits for it: answers every request at once, granted, waiting or deadlock. Never blocks, never
 * reads a clock. Called under the mutex.
 *
 * <p>An owner has at most one pending request, and so has a session. Rules 1 to 10 of granting are in engine/README.md.
 */
final class LockTable {
    private final Map<LockTarget, LockQueue> queues = new HashMap<>();
    private final Holdings holdings = new Holdings();
    private final Map<Integer, Pending> waiting = new HashMap<>(); // by session
    private final WaitsForGraph graph = new WaitsForGraph(waiting);
    private final Deadlocks deadlocks = new Deadlocks(graph);
    private final Victims victims;
    private final Consumer<LockQueue> onChange;
    private final List<OwnerId> granted = new ArrayList<>();

    /** @param onChange told of each queue that has changed; an empty one is about to go */
    LockTable(Victims victims, Consumer<LockQueue> onChange) {
        this.victims = victims;
        this.onChange = onChange;
    }

    /** Asks for a lock. A mode that the owner's lock covers is granted; a stronger one is a conversion. */
    Decision request(LockRequest request) {
        return decided(ask(request), request);
    }

    /** The same for one that does not wait if it is not granted at once, and so closes no cycle. */
    Decision ask(LockRequest request) {
        OwnerId owner = request.owner();
        LockQueue queue = queueOf(request.target());
        Optional<Grant> own = queue.grantOf(owner);
        if (own.isPresent() && own.get().mode.covers(request.mode())) {
            if (request.mode() == LockMode.S) {
                share(queue, own.get());
            }
            return new Decision.Granted();
        }
        LockMode mode = own.map(grant -> grant.mode.join(request.mode())).orElse(request.mode());
        if (queue.fits(owner, mode) && (own.isPresent() || !queue.overtakes(request))) {
            grant(queue, owner, mode, request);
            return new Decision.Granted();
        }
        Pending pending = new Pending(queue, mode, request);
        pending.urgent = queue.inStorage && holdsUpOthers(owner); // or not, says the queue
        queue.append(pending);
        Spot.QUEUE_JOINED.pass();
        enqueue(pending);
        if (pending.urgent) {
            promote(queue, request.nanos()); // It may have passed all that was in its way.
        }
        return isWaiting(request.owner().session()) ? new Decision.Waiting() : new Decision.Granted();
    }

    /**
     * Asks for a lock that storage says another owner has, as {@code held} tells. That lock is entered first, unless it
     * contradicts one here whose owner has yet to take it in storage: that owner will look for itself. A requester that
     * was granted the lock but found it taken goes back to the head of the queue.
     */
    Decision requestFrom(LockRequest held, LockRequest request) {
        return decided(askFrom(held, request), request);
    }

    /** The same, as {@link #ask}. */
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
        promote(queue, request.nanos()); // Without what was stale, others may have what they wait for.
        if (passedOver.isEmpty() || request.mode() != LockMode.X) {
            return ask(request);
        }
        Pending again = new Pending(queue, LockMode.X, request);
        again.handedNanos = passedOver.get().handedNanos;
        again.passedOver++;
        queue.restore(again);
        enqueue(again);
        return new Decision.Waiting();
    }

    /** Storage may drop a lock it gave without telling: another owner of the target needs a lock of its own here. */
    private void share(LockQueue queue, Grant grant) {
        if (!grant.isShared() && grant.kind != Grant.Kind.EXPLICIT) {
            queue.shareBelow(grant);
            onChange.accept(queue);
        }
    }

    /**
     * Shares a target that storage has given to this owner and is about to take back. What the table knows of others is
     * not storage's word any more; an owner that was handed the target finds it taken, and asks again.
     */
    void shareTaken(LockRequest taken) {
        LockQueue queue = queueOf(taken.target());
        Optional<Grant> own = queue.grantOf(taken.owner());
        if (own.isPresent()) {
            share(queue, own.get());
            return;
        }
        queue.given().ifPresent(grant -> letGo(queue, grant.owner));
        grant(queue, taken.owner(), LockMode.S, taken);
        promote(queue, taken.nanos());
    }

    /** A lock that storage had given, and has no more: it says that another owner holds the target. */
    private void removeStale(LockQueue queue, OwnerId holder) {
        queue.given()
                .filter(grant -> grant.kind == Grant.Kind.IMPLICIT && !grant.owner.equals(holder))
                .ifPresent(grant -> letGo(queue, grant.owner));
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
            holdings.add(held.owner(), queue);
        } else if (known.get().mode != LockMode.X) {
            queue.strengthen(known.get(), LockMode.X, Grant.Kind.IMPLICIT);
        }
        Optional.ofNullable(waiting.get(held.owner().session()))
                .filter(pending -> pending.queue == queue && pending.owner.equals(held.owner()))
                .ifPresent(queue.pending()::convert);
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

    /** Enters the intentions of all who hold or want something below it; nobody holds a strong lock there yet. */
    void announceAll() {
        List<LockQueue> all = List.copyOf(queues.values());
        for (LockQueue queue : all) {
            for (LockRow row : new QueueRows(queue).all()) {
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
        queue(target).ifPresent(queue -> queue.taken(owner));
    }

    /** The owner has found taken what was handed to it here, and looks out for it. */
    void awakes(OwnerId owner, LockTarget target) {
        queue(target).ifPresent(queue -> queue.awakes(owner));
    }

    private void enqueue(Pending pending) {
        waiting.put(pending.owner.session(), pending);
        changed(pending.queue);
    }

    private Decision decided(Decision decision, LockRequest request) {
        return decision instanceof Decision.Waiting ? look(request.owner(), request.nanos()) : decision;
    }

    /** Looks for a cycle that the owner's pending request closes; changes the order in a queue if that breaks it. */
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
                Spot.CYCLE_FOUND.pass();
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
        return pending.queue.pending().end() != pending || holdsUpOthers(pending.owner);
    }

    /** Does anybody wait for what the owner or its session holds? When in doubt, yes. */
    private boolean holdsUpOthers(OwnerId owner) {
        return holdings.isAnyWaitedFor(owner.session());
    }

    /** Takes the pending request of a session out of its queue, if it has one. */
    void withdraw(int session, long nanos) {
        Optional.ofNullable(waiting.get(session)).ifPresent(pending -> remove(pending, nanos));
    }

    /** Does a request wait because of what a session holds? */
    boolean keepsWaiting(int session) {
        return graph.hasWaiterFor(session, holdings.owners(session));
    }

    private void remove(Pending pending, long nanos) {
        waiting.remove(pending.owner.session());
        pending.queue.removePending(pending);
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
        return queue(target)
                .flatMap(LockQueue::given)
                .filter(grant -> grant.kind == Grant.Kind.IMPLICIT)
                .map(grant -> grant.owner);
    }

    /** Gives back a lock that storage had and has let go. No effect if it is not known here, or not as storage's. */
    void releaseLetGo(OwnerId holder, LockTarget target, long nanos) {
        release(holder, target, Grant.Kind.IMPLICIT, nanos);
    }

    /** Gives back what was handed to an owner that does not take it in storage. */
    void decline(OwnerId owner, LockTarget target, long nanos) {
        release(owner, target, Grant.Kind.HANDED, nanos);
    }

    private void release(OwnerId owner, LockTarget target, Grant.Kind kind, long nanos) {
        LockQueue queue = queues.get(target);
        if (queue != null
                && queue.grantOf(owner).filter(grant -> grant.kind == kind).isPresent()) {
            letGo(queue, owner);
            promote(queue, nanos);
        }
    }

    /** Gives a lock to another owner of the same session, for whom it is as good: nobody else is concerned. */
    void hand(OwnerId owner, OwnerId to, LockTarget target) {
        LockQueue queue = queueOf(target);
        queue.grantOf(owner).ifPresent(grant -> queue.add(new Grant(to, grant)));
        holdings.add(to, queue);
        drop(queue, owner);
    }

    /** Gives back all that an owner holds. */
    void releaseAll(OwnerId owner, long nanos) {
        for (LockQueue queue : holdings.removeAll(owner)) {
            queue.removeGrant(owner);
            Spot.GRANT_REMOVED.pass();
            promote(queue, nanos);
        }
    }

    /** A session has one transaction at a time, and that has ended: what an older one may have left goes with it. */
    void releaseTransactions(int session, long nanos) {
        for (OwnerId owner : holdings.owners(session)) {
            if (owner.transaction() != 0) {
                releaseAll(owner, nanos);
            }
        }
    }

    /** A session is gone: gives back whatever these owners of it hold, and takes out what it waits for. */
    void forget(int session, Predicate<OwnerId> which, long nanos) {
        withdraw(session, nanos);
        holdings.owners(session).stream().filter(which).forEach(owner -> releaseAll(owner, nanos));
    }

    /** The sessions that hold or want anything. */
    Set<Integer> sessions() {
        Set<Integer> sessions = new HashSet<>(holdings.sessions());
        sessions.addAll(waiting.keySet());
        return sessions;
    }

    /**
     * Derives everything from the queues, after an Error has ended a change in the middle. What is granted and what
     * stands in a queue is true; all else follows from it. Requests of sessions that do not wait are taken out.
     */
    void derive(Set<Integer> waitingSessions, long nanos) {
        granted.clear();
        waiting.clear();
        holdings.clear();
        List<LockQueue> all = List.copyOf(queues.values());
        for (LockQueue queue : all) {
            queue.derive(request -> waitingSessions.contains(request.owner.session()));
            queue.grants().forEach(grant -> holdings.add(grant.owner, queue));
            queue.pending().forEach(request -> waiting.put(request.owner.session(), request));
        }
        all.forEach(queue -> promote(queue, nanos));
    }

    boolean isWaiting(int session) {
        return waiting.containsKey(session);
    }

    private void promote(LockQueue queue, long nanos) {
        for (Pending request : queue.promote(nanos)) {
            waiting.remove(request.owner.session());
            holdings.add(request.owner, queue);
            granted.add(request.owner);
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
            Spot.GRANT_ENTERED.pass();
            holdings.add(owner, queue);
        }
        changed(queue);
    }

    private void drop(LockQueue queue, OwnerId owner) {
        queue.removeGrant(owner);
        holdings.remove(owner, queue);
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
        List<OwnerId> owners = List.copyOf(granted);
        granted.clear();
        return owners;
    }

    Optional<LockQueue> queue(LockTarget target) {
        return Optional.ofNullable(queues.get(target));
    }

    /** The pending request of a session; of those ahead of it, the nearest stands for all. */
    Optional<LockRow> sketchOf(int session) {
        return Optional.ofNullable(waiting.get(session)).map(request -> new QueueRows(request.queue).sketch(request));
    }

    /** The pending request of a session, with the first few of those in its way. */
    Optional<LockRow> pendingOf(int session) {
        return Optional.ofNullable(waiting.get(session)).map(request -> new QueueRows(request.queue).brief(request));
    }

    /** The first few requests that stand ahead of a session's own, in order. */
    List<LockRow> aheadOf(int session) {
        return Optional.ofNullable(waiting.get(session))
                .map(request -> new QueueRows(request.queue).ahead(request))
                .orElse(List.of());
    }

    /** Every lock, granted ones of a target before pending ones. */
    List<LockRow> rows() {
        List<LockRow> rows = new ArrayList<>();
        queues.values().forEach(queue -> rows.addAll(new QueueRows(queue).all()));
        return rows;
    }
}
