package io.mortise.driver.mill;

import java.util.List;

/**
 * A transaction that has committed. Immutable.
 *
 * @param began nanoseconds, before its first statement was sent
 * @param ended nanoseconds, after its commit had been acknowledged
 * @param deeds in order; what it took back is not among them
 */
record Past(long began, long ended, List<Deed> deeds) {}
