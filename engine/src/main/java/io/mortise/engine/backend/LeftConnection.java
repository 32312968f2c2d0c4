package io.mortise.engine.backend;

import io.mortise.engine.text.OneLine;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Tells the application's log of a connection that nobody has closed and nobody can close any more. Stateless. */
public final class LeftConnection {
    private static final System.Logger LOG = System.getLogger(LeftConnection.class.getName());

    private LeftConnection() {}

    /** @param borrowSite where it was opened, if that was remembered */
    public static void tell(ClientSession session, Optional<String> borrowSite) {
        LOG.log(
                Level.WARNING,
                "A connection of session {0} (user {1}) was garbage collected without having been closed. Its transaction"
                        + " was rolled back. It was opened at: {2}",
                Integer.toString(session.id()),
                OneLine.of(session.user().text()),
                borrowSite.orElse("BORROW_SITE=true remembers that"));
    }
}
