package io.mortise.engine.storage.serial;

/** How what is read is noted. */
public enum Noted {
    /** As a whole table, by the session. */
    BY_TABLE,
    /** By who reads it. */
    BY_READER
}
