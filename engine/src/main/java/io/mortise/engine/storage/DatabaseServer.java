package io.mortise.engine.storage;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.ServeAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
    /** Whoever closes the database need not wait for clients that hang on. */
    private static final long FAREWELL_MILLIS = 1_000;

    private final ServeAddress address;
    private final OneDatabase server;

    private DatabaseServer(ServeAddress address, OneDatabase server) {
        this.address = address;
        this.server = server;
    }

    /** @throws SQLException 08001 if there is no listening there */
    static DatabaseServer start(Database database, ServeAddress wanted) throws SQLException {
        ServerSocket socket = bind(wanted);
        OneDatabase server = new OneDatabase(database);
        server.init(
                socket.getInetAddress().isLoopbackAddress()
                        ? new String[] {"-tcpDaemon"}
                        : new String[] {"-tcpDaemon", "-tcpAllowOthers"});
        H2Reflection.listenOn(server, socket);
        Thread listener = new Thread(server::listen, "mortise-serve-" + socket.getLocalPort());
        listener.setDaemon(true);
        listener.start();
        return new DatabaseServer(new ServeAddress(wanted.host(), socket.getLocalPort()), server);
    }

    private static ServerSocket bind(ServeAddress wanted) throws SQLException {
        try {
            InetAddress host =
                    wanted.host().isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(wanted.host());
            return new ServerSocket(wanted.port(), 0, host);
        } catch (IOException e) {
            SQLException error = EngineError.INVALID_URL.exception("SERVE=" + wanted.text()
                    + ": no listening there (" + e.getMessage()
                    + "). Nobody can attach. Give a port that is free, or tcp:0 for any.");
            error.initCause(e);
            throw error;
        }
    }

    /** With the port that it has found. */
    public ServeAddress address() {
        return address;
    }

    /** Hangs up on everybody. Called under H2's mutexes, when the database closes, so it does not wait for long. */
    public void stop() {
        Thread farewell = new Thread(server::stop, "mortise-serve-end");
        farewell.setDaemon(true);
        farewell.start();
        try {
            farewell.join(FAREWELL_MILLIS);
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "the server at {0} ends behind an interrupted thread", address.text());
            Thread.currentThread().interrupt();
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
