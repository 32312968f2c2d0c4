package io.mortise.watch.read;

import java.sql.Connection;
import java.sql.SQLException;

/** How to reach the database that is watched. Thread-safe. */
@FunctionalInterface
public interface Connections {
    /** Connects as that user, with that user's rights. */
    Connection open(String user, String password) throws SQLException;
}
