package io.mortise.engine.storage.remote;

import io.mortise.engine.storage.h2.H2Reflection;
import java.net.Socket;
import java.net.SocketException;
import org.h2.engine.SessionRemote;

/** How long a session reads from another process that says nothing. Stateless. */
final class Silence {
    private static final System.Logger LOG = System.getLogger(Silence.class.getName());

    private Silence() {}

    /** @param millis 0 for ever */
    static void limit(SessionRemote session, long millis) {
        for (Socket socket : H2Reflection.sockets(session)) {
            try {
                socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
            } catch (SocketException e) {
                LOG.log(System.Logger.Level.DEBUG, "the session has hung up", e);
            }
        }
    }
}
