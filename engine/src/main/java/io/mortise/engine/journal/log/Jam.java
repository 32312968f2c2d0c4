package io.mortise.engine.journal.log;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who is at the head of a queue of waits, and how many sessions are behind. Thread-safe. */
final class Jam {
    /** A longer chain of waits is taken for one that ends there. */
    private static final int LONGEST = 100;

    private final LockManager locks;

    Jam(LockManager locks) {
        this.locks = locks;
    }

    /** The session that a request waits for in the end: it waits for nobody, or nobody knows for whom. */
    int head(LockRow request) {
        int head = session(request);
        Optional<LockRow> waits = Optional.of(request);
        // A circle has no head; it will be broken soon.
        for (int i = 0;
                i < LONGEST && waits.isPresent() && !waits.get().blockers().isEmpty();
                i++) {
            head = session(waits.get().blockers().get(0));
            waits = locks.waiting(head);
        }
        return head;
    }

    /** The sessions that wait for this one now, directly or behind others. Copies all locks: not for every wait. */
    Set<Integer> behind(int head) {
        return behind(head, locks.snapshot().rows());
    }

    static Set<Integer> behind(int head, List<LockRow> rows) {
        Map<Integer, List<Integer>> waitersOf = new HashMap<>();
        for (LockRow row : rows) {
            for (LockRow.Blocker blocker : row.blockers()) {
                waitersOf
                        .computeIfAbsent(session(blocker), unused -> new ArrayList<>())
                        .add(session(row));
            }
        }
        Set<Integer> seen = new HashSet<>(Set.of(head));
        Deque<Integer> next = new ArrayDeque<>(seen);
        while (!next.isEmpty()) {
            for (int waiter : waitersOf.getOrDefault(next.remove(), List.of())) {
                if (seen.add(waiter)) {
                    next.add(waiter);
                }
            }
        }
        seen.remove(head);
        return seen;
    }

    // LOCK SYSTEM waits under the session's number with a minus.
    private static int session(LockRow row) {
        return Math.abs(row.owner().session());
    }

    private static int session(LockRow.Blocker blocker) {
        return Math.abs(blocker.owner().session());
    }
}
