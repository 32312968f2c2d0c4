package io.mortise.engine.lock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who waits for whom at this instant: a node for each session, an edge from a waiting session to each session that its
 * request cannot pass. Finds the shortest cycle that a waiter closes. Called under the mutex.
 *
 * <p>Edges are not stored: they are read off the queues while searching. A search visits a session once, and reads each
 * stretch of a queue once for each mode, so it is linear in the number of requests. Without that, ten thousand waiters
 * in one queue would be fifty million edges.
 */
final class WaitsForGraph {
    private final Map<Integer, Pending> waiting; // by session
    private long searches;

    WaitsForGraph(Map<Integer, Pending> waiting) {
        this.waiting = waiting;
    }

    /**
     * Returns the cycle that {@code waiter} is part of, in waiting order and beginning with it, or an empty list. A
     * cycle elsewhere is ignored on purpose: ending this wait would not break it, and the request that closed it has
     * been dealt with.
     */
    List<Pending> cycleThrough(Pending waiter) {
        return new Search(waiter, ++searches).run();
    }

    /** Does anybody else wait for what one of these owners holds? */
    boolean hasWaiterFor(int session, List<OwnerId> owners) {
        return !owners.isEmpty()
                && waiting.values().stream()
                        .filter(pending -> pending.owner.session() != session)
                        .anyMatch(pending -> owners.stream()
                                .flatMap(owner -> pending.queue.grantOf(owner).stream())
                                .anyMatch(grant -> !pending.mode.compatibleWith(grant.mode)));
    }

    /** One breadth-first search. */
    private final class Search {
        private final Pending goal;
        private final long number;
        private final Map<Integer, Pending> cameFrom = new HashMap<>();
        private final Deque<Pending> next = new ArrayDeque<>();
        private boolean closed;

        Search(Pending goal, long number) {
            this.goal = goal;
            this.number = number;
        }

        List<Pending> run() {
            next.add(goal);
            while (!next.isEmpty()) {
                Pending from = next.remove();
                visitHolders(from);
                visitAhead(from);
                if (closed) {
                    return path();
                }
            }
            return List.of();
        }

        private void visitHolders(Pending from) {
            LockQueue queue = from.queue;
            if (queue.searchedIn != number) {
                queue.searchedIn = number;
                queue.searchedModes = 0;
            }
            if (covered(queue.searchedModes, from.mode)) {
                return;
            }
            for (Grant grant : queue.grants()) {
                if (!grant.owner.equals(from.owner) && !from.mode.compatibleWith(grant.mode)) {
                    visit(grant.owner, from);
                }
            }
            // A conversion does not look at its own lock, so others cannot rely on its reading.
            queue.searchedModes |= from.conversion ? 0 : bit(from.mode);
        }

        private void visitAhead(Pending from) {
            if (from.searchedIn == number && covered(from.searchedModes, from.mode)) {
                return;
            }
            for (Pending ahead : from.queue.pending()) {
                if (ahead == from) {
                    return;
                }
                if (!from.mode.compatibleWith(ahead.mode)) {
                    visit(ahead.owner, from);
                }
                ahead.searchedModes = ahead.searchedIn == number ? ahead.searchedModes : 0;
                ahead.searchedIn = number;
                ahead.searchedModes |= bit(from.mode);
            }
        }

        /** X conflicts with every mode, so a stretch read with it has shown everybody. */
        private boolean covered(int modes, LockMode mode) {
            return (modes & (bit(mode) | bit(LockMode.X))) != 0;
        }

        private int bit(LockMode mode) {
            return 1 << mode.ordinal();
        }

        private void visit(OwnerId owner, Pending from) {
            if (closed) {
                return;
            }
            if (owner.session() == goal.owner.session()) {
                cameFrom.put(owner.session(), from);
                closed = true;
            } else if (cameFrom.putIfAbsent(owner.session(), from) == null) {
                Pending request = waiting.get(owner.session());
                if (request != null) {
                    next.add(request);
                }
            }
        }

        private List<Pending> path() {
            List<Pending> backwards = new ArrayList<>();
            Pending at = goal;
            do {
                Pending from = cameFrom.get(at.owner.session());
                if (from == null) {
                    throw new AssertionError("every session on the path was reached from another");
                }
                at = from;
                backwards.add(at);
            } while (at != goal);
            Collections.reverse(backwards);
            return backwards;
        }
    }
}
