package io.mortise.engine.serial;

/**
 * A part of a table that somebody has looked at: the rows of it that are there and those that are not. Immutable, with
 * equals.
 */
public interface Extent {
    /** Would the row have been seen there? When in doubt, yes. A pure function that takes no lock. */
    boolean covers(Image row);

    /** The key or the range, for a message. */
    String text();
}
