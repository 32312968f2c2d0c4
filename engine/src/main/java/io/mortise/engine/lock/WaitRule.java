package io.mortise.engine.lock;

/**
 * How long a requester is prepared to wait, and what may end its wait from outside the lock manager. Immutable.
 *
 * @param timeoutMillis 0 means do not wait at all
 */
public record WaitRule(long timeoutMillis, WaitWatch watch) {
    public static WaitRule noWait() {
        return new WaitRule(0, WaitWatch.NOTHING);
    }

    public static WaitRule upTo(long timeoutMillis) {
        return new WaitRule(timeoutMillis, WaitWatch.NOTHING);
    }
}
