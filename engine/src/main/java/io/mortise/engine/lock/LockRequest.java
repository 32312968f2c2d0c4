package io.mortise.engine.lock;

/**
 * What an owner asks of the lock table. Immutable.
 *
 * @param nanos when, on the engine's clock
 * @param place where it would wait
 */
record LockRequest(
        OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement, long nanos, WaitRule.Place place) {
    /** The same for the session, whichever transaction it runs. */
    LockRequest forSession() {
        return new LockRequest(OwnerId.of(owner.session()), target, mode, statement, nanos, place);
    }
}
