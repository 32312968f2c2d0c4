package io.mortise.engine.lock;

import java.util.Comparator;
import java.util.List;

/**
 * Chooses who gives way in a deadlock: the lowest deadlock priority, then the fewest rows changed, then the youngest.
 * Called under the mutex.
 */
final class Victims {
    /** What the choice goes by; must not call out of the lock room. */
    interface Facts {
        int priority(OwnerId owner);

        long rowsChanged(OwnerId owner);
    }

    private final Comparator<Pending> order;

    Victims(Facts facts) {
        order = Comparator.<Pending>comparingInt(request -> facts.priority(request.owner))
                .thenComparingLong(request -> facts.rowsChanged(request.owner))
                .thenComparing(Comparator.comparingLong(Victims::age).reversed());
    }

    /** Transactions are numbered as they begin; a session that has not begun one yet is the youngest. */
    private static long age(Pending request) {
        long transaction = request.owner.transaction();
        return transaction == 0 ? Long.MAX_VALUE : transaction;
    }

    Pending of(List<Pending> cycle) {
        return cycle.stream().min(order).orElseThrow(() -> new AssertionError("a cycle has members"));
    }
}
