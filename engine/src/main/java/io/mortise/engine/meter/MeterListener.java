package io.mortise.engine.meter;

import java.time.Duration;

/** Told what cannot be read later. Called on threads of the application's: must not block. */
public interface MeterListener {
    /** A database of this name was opened. */
    default void opened(DatabaseMeters meters) {}

    /**
     * A wait for a lock has ended.
     *
     * @param table the table that was waited in; empty if it was none
     * @param outcome granted, timeout, deadlock_victim, cancelled and so on
     */
    default void waited(String database, String table, String outcome, Duration duration) {}
}
