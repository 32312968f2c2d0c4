package io.mortise.engine.storage;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import java.util.HashSet;
import java.util.Set;

/**
 * What foreign keys have made a session's transaction lock, and how far its checks are. Used by the thread that runs the
 * session's statement; {@link #hasRemoved} may be asked by all.
 */
final class KeptKeys {
    private final LockOwner owner;
    private final Set<LockTarget.RowKey> kept = new HashSet<>();
    private OwnerId keptBy;
    private volatile OwnerId removedBy;
    /** Are H2's own checks of foreign keys left out, because they are made here? */
    private boolean instead;

    KeptKeys(LockOwner owner) {
        this.owner = owner;
        this.keptBy = owner.id();
        this.removedBy = keptBy;
    }

    /** The row was there after its key had been locked: whoever removes it since then waits for this transaction. */
    void keep(LockTarget.RowKey target) {
        if (!keptBy.equals(owner.id())) {
            kept.clear();
            keptBy = owner.id();
        }
        kept.add(target);
    }

    boolean isKept(LockTarget.RowKey target) {
        return keptBy.equals(owner.id()) && kept.contains(target);
    }

    /** The transaction has removed a row that foreign keys may refer to, or the key of one. */
    void remove() {
        if (!removedBy.equals(owner.id())) {
            removedBy = owner.id();
        }
    }

    /**
     * Has the open transaction removed any such row? Then a row that it has written may be one that it had removed and
     * inserted again, and a roll-back to a savepoint in between takes it away once more.
     */
    boolean hasRemoved() {
        return owner.isActive() && removedBy.equals(owner.id());
    }

    boolean areInsteadOfH2s() {
        return instead;
    }

    /** @return what it was, to be put back */
    boolean setInsteadOfH2s(boolean isInstead) {
        boolean was = instead;
        instead = isInstead;
        return was;
    }
}
