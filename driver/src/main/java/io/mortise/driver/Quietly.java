package io.mortise.driver;

import java.lang.System.Logger.Level;

/** Closing where nobody is left who could be told that it failed. */
final class Quietly {
    private static final System.Logger LOG = System.getLogger(Quietly.class.getName());

    private Quietly() {}

    static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "closing behind a statement in flight", e);
        }
    }
}
