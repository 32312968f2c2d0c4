package io.mortise.engine.lock;

import java.util.Collections;
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

        /**
         * When its transaction began, on any clock. Where nobody knows better, the numbers of transactions are that
         * clock.
         */
        default long begunNanos(OwnerId owner) {
            return owner.transaction();
        }
    }

    private final Comparator<Pending> order;

    Victims(Facts facts) {
        order = Comparator.<Pending>comparingInt(request -> facts.priority(request.owner))
                .thenComparingLong(request -> facts.rowsChanged(request.owner))
                .thenComparing(Comparator.<Pending>comparingLong(request -> begun(facts, request.owner))
                        .thenComparingLong(request -> request.owner.transaction())
                        .reversed());
    }

    /** A session that has not begun a transaction yet is the youngest. */
    private static long begun(Facts facts, OwnerId owner) {
        return owner.transaction() == 0 ? Long.MAX_VALUE : facts.begunNanos(owner);
    }

    Pending of(List<Pending> cycle) {
        return Collections.min(cycle, order);
    }
}
