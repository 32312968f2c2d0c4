package io.mortise.engine.lock;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What each owner holds in the lock table, in the order of granting; by session, so that nothing of one is left when it
 * goes.
 */
final class Holdings {
    /** Beyond so many locks of an owner, searching for a cycle is cheaper than looking at each. */
    private static final int MANY = 256;

    private final Map<Integer, Map<OwnerId, Set<LockQueue>>> bySession = new HashMap<>();

    void add(OwnerId owner, LockQueue queue) {
        bySession
                .computeIfAbsent(owner.session(), any -> new HashMap<>(2))
                .computeIfAbsent(owner, any -> new LinkedHashSet<>())
                .add(queue);
    }

    Set<LockQueue> of(OwnerId owner) {
        return bySession.getOrDefault(owner.session(), Map.of()).getOrDefault(owner, Set.of());
    }

    /** Does anybody wait in a queue of what a session holds? When in doubt, yes. */
    boolean isAnyWaitedFor(int session) {
        for (Set<LockQueue> held : bySession.getOrDefault(session, Map.of()).values()) {
            if (held.size() > MANY || isAnyWaitedFor(held)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAnyWaitedFor(Set<LockQueue> held) {
        for (LockQueue queue : held) {
            if (!queue.pending().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Those of a session that hold anything. */
    List<OwnerId> owners(int session) {
        return new ArrayList<>(bySession.getOrDefault(session, Map.of()).keySet());
    }

    /** The sessions that hold anything. */
    List<Integer> sessions() {
        return new ArrayList<>(bySession.keySet());
    }

    void remove(OwnerId owner, LockQueue queue) {
        Set<LockQueue> held = of(owner);
        if (held.remove(queue) && held.isEmpty()) {
            removeAll(owner);
        }
    }

    /** Returns what the owner held. */
    Set<LockQueue> removeAll(OwnerId owner) {
        Map<OwnerId, Set<LockQueue>> owners = bySession.get(owner.session());
        Set<LockQueue> held = owners == null ? null : owners.remove(owner);
        if (owners != null && owners.isEmpty()) {
            bySession.remove(owner.session());
        }
        return held == null ? Set.of() : held;
    }

    void clear() {
        bySession.clear();
    }
}
