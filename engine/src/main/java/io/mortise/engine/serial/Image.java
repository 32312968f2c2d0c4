package io.mortise.engine.serial;

/** A row as it was, or as somebody has made it, by its keys. Immutable. */
public interface Image {
    /** The bit of the row's number for {@link Extent#bits}, or all of them. A constant. */
    long bits();

    /** The row's key, for a message. */
    String text();
}
