package io.mortise.bench.wait;

/** What ends the wait of a bout. */
@FunctionalInterface
public interface Blow {
    /**
     * Begins the wait, ends it, and returns once it is over.
     *
     * @return the nanoseconds from the call that is to end it to the waiter's error
     */
    long strike(Bout bout) throws Exception;
}
