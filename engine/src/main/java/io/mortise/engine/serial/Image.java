package io.mortise.engine.serial;

/** A row as it was, or as somebody has made it, by its keys. Immutable. */
public interface Image {
    /** The row's key, for a message. */
    String text();
}
