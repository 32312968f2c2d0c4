package io.mortise.engine.lock;

import java.util.Optional;

/**
 * What the lock manager cannot see of a wait: asked at each slow tick, on the ticking thread, never under the mutex.
 * Answers must be quick and must not block.
 */
public interface WaitWatch {
    WaitWatch NOTHING = new WaitWatch() {};

    /** Has storage been told to end this statement (cancel or query timeout that came by another route)? */
    default Optional<WaitEnding> ending() {
        return Optional.empty();
    }

    /** The statement that waits, where it is not the one that the owner's session runs or ran last. */
    default Optional<StatementRecord> statement() {
        return Optional.empty();
    }

    /**
     * Has this holder let the target go without ending its transaction? True after a roll-back to a savepoint has freed
     * an implicit lock. Who holds it may have changed since the wait began: the lock manager says whom it takes for the
     * holder.
     */
    default boolean hasLetGo(OwnerId holder) {
        return false;
    }
}
