package io.mortise.engine;

import io.mortise.engine.session.Session;
import java.sql.SQLException;

/** An open database with its lock layer: builds the parts in order and closes them in reverse. Thread-safe. */
public final class Engine {
    private Engine() {}

    /**
     * Opens the database, or joins it if it is open in this process, and begins a session in it.
     *
     * @throws SQLException what H2 throws, and 08004 while another session holds the system lock, 08001 for a URL that
     *     contradicts how the database is open
     */
    public static Session connect(ConnectRequest request) throws SQLException {
        throw new UnsupportedOperationException(request.storageUrl());
    }
}
