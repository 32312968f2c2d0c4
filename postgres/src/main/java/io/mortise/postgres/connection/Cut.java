package io.mortise.postgres.connection;

import java.sql.SQLException;
import java.util.Optional;
import org.postgresql.core.BaseConnection;

/** Ends a connection whatever it does. Stateless. */
public final class Cut {
    private static final System.Logger LOG = System.getLogger(Cut.class.getName());

    private Cut() {}

    /** The server hears of it: first that the statement is to end, then that nobody is there any more. */
    public static void off(BaseConnection connection, Optional<Execution> running) {
        try {
            if (running.isPresent()) {
                running.get().cancelOnce();
            }
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "cancelling before a connection is cut", e);
        }
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "cutting a connection", e);
        }
    }
}
