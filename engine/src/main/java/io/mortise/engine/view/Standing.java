package io.mortise.engine.view;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many locks each session holds, and how many sessions wait for it, as of one instant. Made by one thread, then
 * immutable.
 *
 * <p>Ten thousand waiters of one row have fifty million others in their way, so those are not listed. The waiters of
 * each queue are counted by mode, which takes as many steps as there are locks.
 */
final class Standing {
    private static final LockMode[] MODES = LockMode.values();

    private final Map<Integer, Integer> held = new HashMap<>();
    private final Map<Integer, Integer> waiters = new HashMap<>();

    /** @param rows those of one target in the order of its queue, granted ones before pending ones */
    Standing(List<LockRow> rows) {
        Map<LockTarget, Queue> queues = new HashMap<>();
        for (LockRow row : rows) {
            if (!row.granted()) {
                queues.computeIfAbsent(row.target(), unused -> new Queue()).comes(row.mode());
            } else if (row.target().edge() == EdgeKind.HOLDS) {
                held.merge(row.owner().session(), 1, Integer::sum);
            }
        }
        for (LockRow row : rows) {
            Queue queue = queues.get(row.target());
            if (queue != null) {
                waiters.merge(row.owner().session(), queue.waitersFor(row), Integer::sum);
            }
        }
    }

    /** Locks that a session holds; neither its statement slot nor its transaction is one. */
    int locksHeld(int session) {
        return held.getOrDefault(session, 0);
    }

    /** Sessions that have this one in their way, because of what it holds or where it stands in a queue. */
    int waitersFor(int session) {
        return waiters.getOrDefault(session, 0);
    }

    /** Those who wait for one target, by mode; read from the front to the back. */
    private static final class Queue {
        private final int[] all = new int[MODES.length];
        private final int[] behind = new int[MODES.length];
        /** The modes that what a session holds keeps out, a bit each. */
        private final Map<Integer, Integer> keptOut = new HashMap<>();

        void comes(LockMode mode) {
            all[mode.ordinal()]++;
            behind[mode.ordinal()]++;
        }

        /** How many more wait for the session of this row than the rows before have told. */
        int waitersFor(LockRow row) {
            int session = row.owner().session();
            int before = keptOut.getOrDefault(session, 0);
            if (row.granted()) {
                keptOut.put(session, before | conflicting(row.mode()));
                return count(all, conflicting(row.mode()) & ~before);
            }
            int own = row.mode().ordinal();
            behind[own]--;
            int itself = before >> own & 1;
            return count(behind, conflicting(row.mode()) & ~before) - itself;
        }

        private static int conflicting(LockMode mode) {
            int modes = 0;
            for (LockMode other : MODES) {
                modes |= mode.compatibleWith(other) ? 0 : 1 << other.ordinal();
            }
            return modes;
        }

        private static int count(int[] waiting, int modes) {
            int count = 0;
            for (int i = 0; i < MODES.length; i++) {
                count += (modes >> i & 1) * waiting[i];
            }
            return count;
        }
    }
}
