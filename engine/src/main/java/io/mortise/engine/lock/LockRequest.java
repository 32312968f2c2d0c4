package io.mortise.engine.lock;

/**
 * What an owner asks of the lock table. Immutable.
 *
 * @param nanos when, on the engine's clock
 */
record LockRequest(OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement, long nanos) {}
