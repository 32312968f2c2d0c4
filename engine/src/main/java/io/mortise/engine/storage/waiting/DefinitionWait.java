package io.mortise.engine.storage.waiting;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import java.util.List;
import java.util.Optional;

/**
 * Waits for the end of the definition that another session runs, and keeps no lock for that. There is one at a time. On
 * the thread that is in the session.
 */
public final class DefinitionWait {
    /** While a table is replaced by its altered copy it is away for less than this. */
    private static final int MOMENT_MILLIS = 1000;

    private static final LockTarget PERMISSION = new LockTarget.GlobalPermission();

    private final LockManager locks;
    private final LockOwner owner;
    private final SessionWaits waits;

    public DefinitionWait(LockManager locks, LockOwner owner, SessionWaits waits) {
        this.locks = locks;
        this.owner = owner;
        this.waits = waits;
    }

    /** False if there was none. Throws if it does not end in time. */
    public boolean untilItEnds() {
        return isOver(SessionWaits.AS_TOLD);
    }

    /**
     * The same for who does not know whether it has failed because of that: false if it does not end in a moment. One
     * that waits for its own locks has taken nothing away yet. So nobody waits in a circle for the sake of a misspelt
     * name.
     */
    public boolean forAMoment(int lockTimeoutMillis) {
        return isAnyAtWork() && isOver(Math.min(MOMENT_MILLIS, lockTimeoutMillis));
    }

    private boolean isAnyAtWork() {
        List<LockRow> rows = locks.snapshot().rows();
        Optional<OwnerId> definer = rows.stream()
                .filter(row -> row.granted()
                        && row.mode() == LockMode.X
                        && row.target().equals(PERMISSION))
                .map(LockRow::owner)
                .findAny();
        return definer.isPresent()
                && rows.stream().noneMatch(row -> !row.granted() && row.owner().equals(definer.get()));
    }

    private boolean isOver(int timeoutMillis) {
        if (locks.holds(owner, PERMISSION)) {
            return false; // It is its own.
        }
        boolean wasActive = owner.isActive();
        try {
            WaitOutcome outcome = locks.acquire(owner, PERMISSION, LockMode.IS, waits.rule(timeoutMillis));
            if (timeoutMillis == SessionWaits.AS_TOLD || !outcome.isTimeout()) {
                waits.checkGranted(outcome);
            }
            return outcome instanceof WaitOutcome.Acquired granted && granted.waitedNanos() > 0;
        } finally {
            if (wasActive) {
                locks.release(owner.id(), PERMISSION);
            } else {
                locks.releaseAll(owner); // It waits outside a transaction, and begins none.
            }
        }
    }
}
