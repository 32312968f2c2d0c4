package io.mortise.engine.meter;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * A wait for a lock that is over. Immutable.
 *
 * @param table the table that was waited in, with its schema; empty if it was none
 * @param outcome granted, timeout, deadlock_victim, cancelled and so on
 * @param blocker the first session that was in the way; empty if that is not known
 */
public record EndedWait(String database, String table, String outcome, Duration duration, OptionalInt blocker) {}
