package io.mortise.engine.lock;

/**
 * How long a requester is prepared to wait, and what may end its wait from outside the lock manager. Immutable.
 *
 * @param timeoutMillis 0 means do not wait at all
 */
public record WaitRule(long timeoutMillis, WaitWatch watch, Place place) {
    /** Where in the queue a requester waits. */
    public enum Place {
        /** Behind those who came before it. */
        IN_LINE,
        /**
         * Behind everybody, those who come later included: it holds nobody up, and is served when nobody else wants the
         * target. May starve.
         */
        LAST
    }

    public WaitRule(long timeoutMillis, WaitWatch watch) {
        this(timeoutMillis, watch, Place.IN_LINE);
    }

    public static WaitRule noWait() {
        return new WaitRule(0, WaitWatch.NOTHING);
    }

    public static WaitRule upTo(long timeoutMillis) {
        return new WaitRule(timeoutMillis, WaitWatch.NOTHING);
    }
}
