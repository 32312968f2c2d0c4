package io.mortise.engine;

import io.mortise.engine.session.Attachment;
import io.mortise.engine.storage.StorageSettings;
import java.sql.SQLException;
import java.util.Set;

/** An open database with its lock layer: builds the parts in order and closes them in reverse. Thread-safe. */
public final class Engine {
    private Engine() {}

    /**
     * Opens the database, or joins it if it is open in this process, and begins a session in it.
     *
     * @throws SQLException what H2 throws, and 08004 while another session holds the system lock, 08001 for a URL that
     *     contradicts how the database is open
     */
    public static Attachment connect(ConnectRequest request) throws SQLException {
        throw new UnsupportedOperationException(request.storageUrl());
    }

    /** The names of H2's own settings, in upper case: what a URL may hold besides ours. */
    public static Set<String> storageSettings() {
        return StorageSettings.known();
    }
}
