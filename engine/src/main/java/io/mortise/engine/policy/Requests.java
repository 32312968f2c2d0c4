package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gathers the requests of one statement: one a target, in the weakest mode that covers all. One thread at a time. */
final class Requests {
    private final Map<LockTarget, LockMode> modes = new HashMap<>();

    Requests add(LockTarget target, LockMode mode) {
        modes.merge(target, mode, LockMode::join);
        return this;
    }

    List<WantedLock> inOrder() {
        return modes.entrySet().stream()
                .map(entry -> new WantedLock(entry.getKey(), entry.getValue()))
                .sorted(WantedLock.IN_ORDER)
                .toList();
    }
}
