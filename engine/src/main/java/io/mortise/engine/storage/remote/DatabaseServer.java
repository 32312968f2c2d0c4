package io.mortise.engine.storage.remote;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.storage.closing.CloseActions;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.thread.EngineThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.Database;
import org.h2.message.DbException;
import org.h2.server.TcpServer;

/**
 * Lets other processes attach to one open database: H2's own server, bound to one address, that knows this database and
 * no other. It makes none and opens none. Thread-safe.
 */
public final class DatabaseServer {
    private static final System.Logger LOG = System.getLogger(DatabaseServer.class.getName());
    /** Nobody need wait for clients that hang on. */
    private static final long FAREWELL_MILLIS = 1_000;
    /** How long somebody who attaches stands in line behind others who do. */
    private static final long PATIENCE_MILLIS = 20_000;

    private final ServeAddress address;
    private final OneDatabase server;
    private final ServerSocket socket;
    private final Thread listening;
    private final CloseActions ends;
    private final Runnable atEnd = this::hangUp;

    private DatabaseServer(OneDatabase server, ServerSocket socket, ServeAddress address, CloseActions ends) {
        this.address = address;
        this.server = server;
        this.socket = socket;
        this.listening = EngineThread.of("mortise-serve-" + socket.getLocalPort(), server::listen);
        this.ends = ends;
    }

    /**
     * @param ends of the database: the server ends with it
     * @throws SQLException 08001 if there is no listening there
     */
    public static DatabaseServer start(Database database, ServeAddress wanted, CloseActions ends) throws SQLException {
        ServerSocket socket = bind(wanted);
        OneDatabase server = new OneDatabase(database);
        try {
            server.init(
                    socket.getInetAddress().isLoopbackAddress()
                            ? new String[] {"-tcpDaemon"}
                            : new String[] {"-tcpDaemon", "-tcpAllowOthers"});
            H2Reflection.listenOn(server, socket);
            ServeAddress found = new ServeAddress(wanted.host(), socket.getLocalPort());
            DatabaseServer started = new DatabaseServer(server, socket, found, ends);
            started.listening.start();
            ends.addPrompt(started.atEnd);
            return started;
        } catch (Throwable e) {
            close(socket);
            server.stop();
            throw e;
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the port stays taken", e);
        }
    }

    private static ServerSocket bind(ServeAddress wanted) throws SQLException {
        try {
            InetAddress host =
                    wanted.host().isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(wanted.host());
            return new Entrance(wanted.port(), host);
        } catch (IOException e) {
            SQLException error = EngineError.INVALID_URL.exception("SERVE=" + wanted.text()
                    + ": cannot listen there (" + e.getMessage()
                    + "). Nobody can attach. Give a port that is free, or tcp:0 for any.");
            error.initCause(e);
            throw error;
        }
    }

    /** With the port that it has found. */
    public ServeAddress address() {
        return address;
    }

    /** Hangs up on everybody, and waits a moment until they have heard it. */
    public void stop() {
        ends.remove(atEnd);
        Thread farewell = hangUp();
        try {
            farewell.join(FAREWELL_MILLIS);
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "the server at {0} ends behind an interrupted thread", address.text());
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The port is free at once. The clients hear it on a thread that nobody waits for: H2 may be in the middle of its
     * end.
     */
    @CanIgnoreReturnValue
    private Thread hangUp() {
        close(socket);
        awaitSilence();
        Thread farewell = EngineThread.of("mortise-serve-end", server::stop);
        farewell.start();
        return farewell;
    }

    /**
     * As long as the listening thread is still on its way out of the operating system, that answers at the port, and
     * lets nobody else have it. The thread does nothing on its way: it has to be given a processor, that is all.
     */
    private void awaitSilence() {
        boolean isInterrupted = Thread.interrupted();
        try {
            listening.join(FAREWELL_MILLIS);
        } catch (InterruptedException e) {
            isInterrupted = true;
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Where everybody who attaches comes in. */
    private static final class Entrance extends ServerSocket {
        private final Door door = new Door(PATIENCE_MILLIS);

        Entrance(int port, InetAddress host) throws IOException {
            super(port, 0, host);
        }

        @Override
        public Socket accept() throws IOException {
            Guest guest = new Guest(door);
            implAccept(guest);
            return guest;
        }
    }

    /** H2's server; whatever name a client gives, this database is what it means, or else there is none. */
    private static final class OneDatabase extends TcpServer {
        private final Database database;

        OneDatabase(Database database) {
            this.database = database;
        }

        /** {@inheritDoc} There is no name in a request to cancel something. */
        @Override
        public String checkKeyAndGetDatabaseName(String name) {
            if (name == null || means(name)) {
                return name == null ? super.checkKeyAndGetDatabaseName(name) : database.getName();
            }
            throw DbException.get(ErrorCode.REMOTE_DATABASE_NOT_FOUND_1, name);
        }

        private boolean means(String name) {
            if (name.equalsIgnoreCase(database.getShortName()) || name.equals(database.getName())) {
                return true;
            }
            try {
                return new ConnectionInfo(name).getName().equals(database.getName());
            } catch (DbException noName) {
                return false;
            }
        }
    }
}
