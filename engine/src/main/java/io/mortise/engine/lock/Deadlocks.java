package io.mortise.engine.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The answer to a cycle: a change of order that breaks it, or an account of it. Called under the mutex. */
final class Deadlocks {
    private final WaitsForGraph graph;

    Deadlocks(WaitsForGraph graph) {
        this.graph = graph;
    }

    /**
     * Tries to break a cycle by letting a member pass those who are only ahead of it in a queue. Moving {@code W}
     * before {@code B} turns edges to end in {@code W}, so every new cycle would go through it.
     *
     * @return the queue that has a new order; empty if no single move breaks the cycle
     */
    Optional<LockQueue> reorder(List<Pending> cycle) {
        for (int i = 0; i < cycle.size(); i++) {
            Pending request = cycle.get(i);
            Pending next = cycle.get((i + 1) % cycle.size());
            if (mayPass(request, next)) {
                List<Pending> order = List.copyOf(request.queue.pending());
                request.queue.pending().moveBefore(request, next);
                if (graph.cycleThrough(request).isEmpty()) {
                    return Optional.of(request.queue);
                }
                request.queue.pending().reorder(order);
            }
        }
        return Optional.empty();
    }

    /** Does {@code request} wait for {@code next} only because of their places in the queue? Conversions stay first. */
    private static boolean mayPass(Pending request, Pending next) {
        if (next.queue != request.queue || (next.conversion && !request.conversion)) {
            return false;
        }
        boolean holds = request.queue
                .grantOf(next.owner)
                .filter(grant -> !request.mode.compatibleWith(grant.mode))
                .isPresent();
        return !holds && isAhead(next, request);
    }

    private static boolean isAhead(Pending one, Pending of) {
        Pending ahead = of.previous;
        while (ahead != null && ahead != one) {
            ahead = ahead.previous;
        }
        return ahead == one;
    }

    /** The members of a cycle, each with what it waits for and why that means waiting for the next. */
    static List<Decision.Link> links(List<Pending> cycle) {
        List<Decision.Link> links = new ArrayList<>();
        for (int i = 0; i < cycle.size(); i++) {
            Pending request = cycle.get(i);
            links.add(new QueueRows(request.queue).link(request, cycle.get((i + 1) % cycle.size()).owner));
        }
        return links;
    }
}
