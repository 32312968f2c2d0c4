package io.mortise.engine.serial;

/**
 * A part of a table that somebody has looked at: the rows of it that are there and those that are not. Immutable, with
 * equals.
 */
public interface Extent {
    /** A row as it was, or as somebody has made it, by its keys. Immutable. */
    interface Image {
        /** The bit of the row's number for {@link Extent#bits}, or all of them. A constant. */
        long bits();

        /** The row's key, for a message. */
        String text();
    }

    /** Would the row have been seen there? When in doubt, yes. A pure function that takes no lock. */
    boolean covers(Image row);

    /**
     * A bit for each number of a row that it may cover, by the number's last six bits. One that covers an image has a
     * bit in common with it. A constant.
     */
    long bits();

    /** The key or the range, for a message. */
    String text();
}
