package io.mortise.engine.meter;

/** Told what cannot be read later. Called on threads of the application's: must not block. */
public interface MeterListener {
    /** A database of this name was opened. */
    default void opened(DatabaseMeters meters) {}

    /** A wait for a lock has ended; on the thread that has waited. */
    default void waited(EndedWait wait) {}
}
