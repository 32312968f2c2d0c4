package io.mortise.engine.fault;

/**
 * What a test puts at the named places; found as a service, which only the tests of the engine provide. Thread-safe.
 */
public interface Intruder {
    /** The calling thread has come to this place. Whatever is thrown flies on from there. */
    void at(Spot spot);
}
