package io.mortise.engine.thread;

/**
 * Room in front of what the thread of one session writes for every lock, so that it shares no cache line with what
 * another session's thread writes. The fields of a superclass lie before those of its subclass. The collector moves the
 * objects of a session together, one session behind the other, so what lies behind begins with such room too.
 */
@SuppressWarnings("unused") // they are there to be between
public abstract class Apart {
    private long p0, p1, p2, p3, p4, p5, p6, p7;
}
