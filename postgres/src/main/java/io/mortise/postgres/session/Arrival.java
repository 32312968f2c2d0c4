package io.mortise.postgres.session;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.provider.Provider;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.text.UserName;
import io.mortise.postgres.connection.Kept;
import io.mortise.postgres.server.ServerKind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.QueryExecutor;
import org.postgresql.util.HostSpec;

/** Logs in at a server, and begins a session there. Stateless. */
public final class Arrival {
    private static final int OLDEST = 14;
    /** More than the {@code statement_timeout} of a look. */
    private static final String LONGEST_LOOK_SECONDS = "6";

    private Arrival() {}

    /**
     * Logs in.
     *
     * @throws SQLException what pgjdbc throws, 22023 for a setting that a server cannot keep, 08001 for a server that
     *     is too old
     */
    public static Attachment by(Provider.Login request) throws SQLException {
        Kept.check(request.settings());
        Credentials credentials = Credentials.of(request);
        Connection connection = credentials.connect("");
        try {
            Server server = Server.behind(connection);
            if (server.isTooOld()) {
                throw EngineError.INVALID_URL.exception("The server is PostgreSQL " + server.versionText()
                        + ". No connection was made. The oldest that can be used is " + OLDEST + ".");
            }
            return PostgresDatabase.begin(server, connection, credentials, request.settings());
        } catch (Throwable e) { // Whatever it is: nobody else knows of this connection.
            try {
                connection.close();
            } catch (SQLException ofClosing) {
                e.addSuppressed(ofClosing);
            }
            throw e;
        }
    }

    /**
     * How a user logs in. Immutable.
     *
     * @param url pgjdbc's
     */
    record Credentials(String url, String user, Properties properties) {
        static Credentials of(Provider.Login request) {
            Properties properties = new Properties();
            request.properties().forEach(properties::setProperty);
            if (!request.user().isEmpty()) {
                properties.setProperty(PGProperty.USER.getName(), request.user());
            }
            if (!request.password().isEmpty()) {
                properties.setProperty(PGProperty.PASSWORD.getName(), request.password());
            }
            String schema = request.settings().get(Setting.CURRENT_SCHEMA);
            if (!schema.isEmpty()) {
                properties.setProperty(PGProperty.CURRENT_SCHEMA.getName(), schema);
            }
            String application = request.settings().get(Setting.APPLICATION_NAME);
            properties.setProperty(
                    PGProperty.APPLICATION_NAME.getName(), application.isEmpty() ? "Mortise JDBC Driver" : application);
            // By itself pgjdbc leaves writes in autocommit to whoever promised not to write.
            properties.putIfAbsent(PGProperty.READ_ONLY_MODE.getName(), "always");
            return new Credentials("jdbc:" + request.database(), request.user(), properties);
        }

        /** For looks at the server that this connection is to, and no other of those in the URL. */
        Credentials at(Connection known) throws SQLException {
            QueryExecutor executor = known.unwrap(BaseConnection.class).getQueryExecutor();
            HostSpec host = executor.getHostSpec();
            String name = host.getHost().contains(":") ? "[" + host.getHost() + "]" : host.getHost();
            Properties own = new Properties();
            own.putAll(properties);
            own.remove(PGProperty.TARGET_SERVER_TYPE.getName());
            // Nobody waits for a look for longer than the server takes for one.
            own.setProperty(PGProperty.CONNECT_TIMEOUT.getName(), LONGEST_LOOK_SECONDS);
            own.setProperty(PGProperty.SOCKET_TIMEOUT.getName(), LONGEST_LOOK_SECONDS);
            // As it was asked for: a pooler may know the database by another name than the server.
            String path = URLEncoder.encode(executor.getDatabase(), StandardCharsets.UTF_8);
            return new Credentials("jdbc:postgresql://" + name + ":" + host.getPort() + "/" + path, user, own);
        }

        /** @param application what the connection calls itself; empty for what was asked for */
        Connection connect(String application) throws SQLException {
            Properties given = new Properties();
            given.putAll(properties);
            if (!application.isEmpty()) {
                given.setProperty(PGProperty.APPLICATION_NAME.getName(), application);
            }
            Connection connection = new Driver().connect(url, given);
            if (connection == null) {
                throw EngineError.INVALID_URL.exception(
                        "pgjdbc does not take " + url + " for a URL of its own. No connection was made.");
            }
            return connection;
        }

        @Override
        public String toString() {
            return "Credentials[" + url + ", " + user + "]"; // A record would print the password.
        }
    }

    /**
     * The server behind a connection, and the connection's place there. Immutable.
     *
     * @param started when it was started: with its address, what tells two servers apart
     * @param seesAll may the user see what others run?
     * @param mayEndAll may the user end what others run?
     * @param kind how it is asked
     * @param pid the number of the session there
     * @param isPooled does a pooler stand between, so that the client was told another number?
     */
    record Server(
            String address,
            long started,
            String database,
            int version,
            String versionText,
            UserName user,
            boolean isStandby,
            boolean seesAll,
            boolean mayEndAll,
            ServerKind kind,
            int pid,
            boolean isPooled) {
        private static final String QUESTION = "SELECT pg_catalog.concat(pg_catalog.inet_server_addr(), ':',"
                + " pg_catalog.inet_server_port()), (extract(epoch FROM pg_catalog.pg_postmaster_start_time())"
                + " * 1000000)::bigint, pg_catalog.current_database(),"
                + " pg_catalog.current_setting('server_version_num')::int,"
                + " pg_catalog.current_setting('server_version'), r.rolname, r.oid, pg_catalog.pg_is_in_recovery(),"
                + " r.rolsuper OR pg_catalog.pg_has_role(r.oid, 'pg_read_all_stats', 'USAGE'),"
                + " r.rolsuper OR pg_catalog.pg_has_role(r.oid, 'pg_signal_backend', 'USAGE'),"
                + " coalesce((SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'citus'), ''),"
                + " pg_catalog.pg_backend_pid()"
                + " FROM pg_catalog.pg_roles r WHERE r.rolname = session_user";

        /** It has no standby, and rights of its own: who may see and end what others run has them as a role. */
        private static final String COCKROACH = "SELECT crdb_internal.cluster_id()::text, 0, current_database(),"
                + " current_setting('server_version_num')::int, current_setting('server_version'), session_user, 0, false,"
                + " pg_has_role('admin', 'MEMBER'), pg_has_role('admin', 'MEMBER'), '', pg_backend_pid()";

        /** What a client should know before it uses the connection. */
        Optional<String> caveat() {
            List<String> caveats = new ArrayList<>();
            if (!seesAll) {
                caveats.add("User " + user + " has no right to see what other users run (pg_read_all_stats): the lock"
                        + " tables show the statements of this user's own sessions only.");
            }
            if (isPooled) {
                caveats.add("A pooler stands between this process and the server. It must keep a session of the server"
                        + " for each connection (PgBouncer: pool_mode = session). Otherwise LOCK_TIMEOUT, SESSION_ID,"
                        + " SESSION_LOCK and the lock tables mean sessions that others use too.");
            }
            return caveats.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", caveats));
        }

        /** CockroachDB calls itself PostgreSQL 13, and means nothing by it. */
        boolean isTooOld() {
            return version < OLDEST * 10_000 && !kind.product().equals("CockroachDB");
        }

        static Server behind(Connection connection) throws SQLException {
            BaseConnection below = connection.unwrap(BaseConnection.class);
            String said = below.getParameterStatus("crdb_version");
            String cockroach = said == null ? "" : said;
            try (Statement asks = connection.createStatement();
                    ResultSet row = asks.executeQuery(cockroach.isEmpty() ? QUESTION : COCKROACH)) {
                row.next();
                return new Server(
                        row.getString(1),
                        row.getLong(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getString(5),
                        new UserName(row.getString(6), row.getLong(7)),
                        row.getBoolean(8),
                        row.getBoolean(9),
                        row.getBoolean(10),
                        ServerKind.of(cockroach, row.getString(5), row.getString(11)),
                        row.getInt(12),
                        cockroach.isEmpty() && row.getInt(12) != below.getBackendPID());
            }
        }
    }
}
