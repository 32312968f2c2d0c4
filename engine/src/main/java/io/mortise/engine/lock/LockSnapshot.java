package io.mortise.engine.lock;

import java.util.List;
import java.util.Map;

/**
 * Every lock that the lock manager knows, as of one instant, and the sessions that take part. Immutable.
 *
 * @param parties by session; those that hold or wait for something
 */
public record LockSnapshot(long atNanos, List<LockRow> rows, Map<Integer, Party> parties) {}
