package io.mortise.engine.setting;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Shows an open database to people: what the setting WATCH looks for among the services on the class path. The artifact
 * {@code mortise-watch} has the one there is. Thread-safe.
 */
public interface Watcher {
    /**
     * Shows it there, from now on.
     *
     * @param address of a page, {@code http:PORT}
     * @param login how those who look reach the database
     * @throws IOException if the port is taken, or the address is not of this machine
     */
    Page show(ServeAddress address, Login login) throws IOException;

    /** Connects as a user, with that user's rights. Thread-safe. */
    @FunctionalInterface
    interface Login {
        Connection connect(String user, String password) throws SQLException;
    }

    /** A page that is shown. Thread-safe. */
    interface Page extends AutoCloseable {
        /** The port that was found. */
        int port();

        /** Ends it: waits for nobody, and fails never. */
        @Override
        void close();
    }
}
