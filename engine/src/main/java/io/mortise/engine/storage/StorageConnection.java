package io.mortise.engine.storage;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.error.EngineException;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.WireErrors;
import io.mortise.engine.storage.remote.Occupant;
import io.mortise.engine.storage.remote.RemoteSession;
import io.mortise.engine.storage.session.StorageSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.h2.Driver;
import org.h2.api.ErrorCode;
import org.h2.engine.Constants;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.engine.SessionRemote;
import org.h2.jdbc.JdbcConnection;

/**
 * How H2 is asked for a connection: its own URL, user and properties. Immutable.
 *
 * @param url {@code jdbc:h2:…}
 */
public record StorageConnection(String url, String user, String password, Map<String, String> properties) {
    private static final System.Logger LOG = System.getLogger(StorageConnection.class.getName());
    private static final String VERSION = "2.5.252";
    /** H2's state for a database that one session has to itself; ours for LOCK SYSTEM is another. */
    private static final String IN_USE = "90135";

    /** Opens the database, or joins it, with the engine's tables in it; or attaches to it in another process. */
    public ClientSession open(OpeningOptions opening) throws SQLException {
        checkVersion(Constants.VERSION);
        JdbcConnection connection = connect(opening);
        try {
            if (hasPanicked(connection)) {
                letGo(connection);
                connection = connect(opening);
            }
            ClientSession session = clientSession(connection);
            KnownCatalog.tell(connection, session.catalog());
            return session;
        } catch (Throwable e) { // Whatever it is: nobody else knows of this connection.
            close(connection, e);
            throw e;
        }
    }

    /**
     * Is this a session of a database whose store has ended by itself? Then it no longer stands in H2's way: H2 does
     * that for a file at once, for one in memory only when a statement meets it.
     */
    private static boolean hasPanicked(JdbcConnection connection) {
        Session session = connection.getSession();
        if (!(session instanceof SessionLocal local)
                || !local.getDatabase().getStore().getMvStore().isClosed()) {
            return false;
        }
        local.getDatabase().shutdownImmediately();
        return true;
    }

    /** H2 keeps a connection that nobody closes, and its database, until somebody connects after it was collected. */
    private static void letGo(Connection panicked) {
        try {
            panicked.close();
        } catch (SQLException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a connection to a database that has ended", e);
        }
    }

    private static void close(Connection connection, Throwable why) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /** H2 has room for one table engine that makes every table. */
    private void checkTableEngine() throws SQLException {
        String setting = LockingTableEngine.SETTING;
        boolean isInUrl = url.indexOf(';') >= 0 && url.toUpperCase(Locale.ROOT).contains(";" + setting + "=");
        if (isInUrl || properties.containsKey(setting)) {
            throw EngineError.INVALID_URL.exception(setting + " is the lock engine's here. No connection was made."
                    + " Leave it out, and name yours in CREATE TABLE … ENGINE: such a table has no locks of ours.");
        }
    }

    private JdbcConnection connect(OpeningOptions opening) throws SQLException {
        try {
            return connectOnce(opening);
        } catch (SQLException e) {
            if (!IN_USE.equals(e.getSQLState())) {
                throw e;
            }
            return connectOnce(opening); // Who had it has perhaps shut it down by now: then it is opened again.
        }
    }

    private JdbcConnection connectOnce(OpeningOptions opening) throws SQLException {
        if (!isRemote()) {
            checkTableEngine();
        }
        opening.begin();
        try {
            return connectToH2();
        } catch (SQLException e) {
            throw switch (e.getErrorCode()) {
                case ErrorCode.DATABASE_ALREADY_OPEN_1 -> Occupant.explain(e, url);
                case ErrorCode.DATABASE_IS_IN_EXCLUSIVE_MODE -> shutDown(e);
                case ErrorCode.DATABASE_IS_CLOSED, ErrorCode.DATABASE_CALLED_AT_SHUTDOWN -> beingShutDown(e);
                case ErrorCode.CONNECTION_BROKEN_1 -> WireErrors.notReached(e, url);
                default -> WireErrors.translate(e);
            };
        } finally {
            OpeningOptions.done();
        }
    }

    private JdbcConnection connectToH2() throws SQLException {
        Optional<PlainSettings> plain = isRemote() ? Optional.empty() : DirectLogin.covered(url, properties);
        if (plain.isPresent()) {
            return DirectLogin.connect(plain.get(), user, password);
        }
        Connection connection = new Driver().connect(isRemote() ? url : withTables(), all());
        if (connection == null) {
            throw EngineError.INVALID_URL.exception("H2 does not know the URL " + url + ". No connection was made.");
        }
        return connection.unwrap(JdbcConnection.class);
    }

    /**
     * H2 says that a database is open exclusively while it is being shut down: somebody who connects must know better.
     */
    private SQLException shutDown(SQLException inUse) {
        return Occupant.databaseName(url).filter(Storage::isShuttingDown).isPresent()
                ? beingShutDown(inUse)
                : WireErrors.translate(inUse);
    }

    private static SQLException beingShutDown(SQLException closed) {
        return closed instanceof EngineException
                ? closed
                : RoutedErrors.databaseClosed(
                        closed,
                        "The database is being shut down by another session. No connection was made."
                                + " To open it again, connect when that session is done.");
    }

    private static ClientSession clientSession(JdbcConnection connection) throws SQLException {
        Session session = connection.getSession();
        if (session instanceof SessionRemote remote) {
            return RemoteSession.over(connection, remote);
        }
        SessionLocal local = (SessionLocal) session;
        StorageSession known = Storage.over(local.getDatabase())
                .orElseThrow(
                        () -> EngineError.INVALID_URL.exception(
                                "The database is open in this process without the lock engine, by a plain jdbc:h2: connection. "
                                        + "No connection was made. Close the others first, or let them connect with jdbc:mortise: too."))
                .session(local);
        known.connectedBy(connection);
        return known;
    }

    /** The session behind an H2 connection; empty if its database has no lock engine in this process. */
    static Optional<StorageSession> session(Connection connection) throws SQLException {
        Session session = connection.unwrap(JdbcConnection.class).getSession();
        return session instanceof SessionLocal local
                ? Storage.over(local.getDatabase()).map(storage -> storage.session(local))
                : Optional.empty();
    }

    /** The table engine is a class of the one who opens the database, and that is another process then. */
    private boolean isRemote() {
        return url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:");
    }

    private String withTables() {
        return url + ";" + LockingTableEngine.SETTING + "=" + LockingTableEngine.class.getName();
    }

    private Properties all() {
        Properties all = new Properties();
        all.putAll(properties);
        all.setProperty("user", user);
        all.setProperty("password", password);
        return all;
    }

    /**
     * Looks which H2 is there before anything of it is touched that another one may not have. By the version as text:
     * the number of the build is a constant, which the compiler copies from the H2 that we are built with.
     */
    static void checkVersion(String version) throws SQLException {
        if (!VERSION.equals(version)) {
            throw EngineError.WRONG_STORAGE_VERSION.exception("H2 " + version
                    + " is on the class path; this engine needs exactly " + VERSION
                    + ". No connection was made. Use io.mortise:mortise-all, which has its H2 inside and leaves yours alone;"
                    + " or set the version of com.h2database:h2 to " + VERSION
                    + " (with Spring Boot: the property h2.version).");
        }
    }
}
