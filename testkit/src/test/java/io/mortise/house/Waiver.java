package io.mortise.house;

import java.util.Map;

/**
 * A limit that one package may pass, and why. The tables here are the only place for them; a waiver that a package does not need any
 * more fails the build too. Immutable.
 *
 * @param types how many top-level types the package may have
 * @param reason why it is one room all the same
 */
record Waiver(int types, String reason) {
    /** By package. */
    static final Map<String, Waiver> PACKAGES = Map.of(
            "io.mortise.engine.lock",
            new Waiver(
                    28, "the vocabulary of locking: two thirds are small immutable values that belong to one another"));

    /** Methods that may have a fifth parameter, and why. */
    static final Map<String, String> PARAMETERS =
            Map.of("LockManager.acquireFrom", "acquire, and who is to be asked: on the path that must not allocate");
}
