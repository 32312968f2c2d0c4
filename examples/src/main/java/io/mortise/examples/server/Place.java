package io.mortise.examples.server;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Where a database is: in the memory of this process, on a PostgreSQL server, or on one that is started for the
 * occasion and stopped with it. Used by one thread.
 */
public final class Place implements AutoCloseable {
    /** Starts a server of its own, if it stands in a URL's place. */
    public static final String OWN_SERVER = "embedded-postgres";

    private static final String SERVERS = "jdbc:mortise:postgresql:";

    private final String url;
    private final String schema;
    private final AutoCloseable server;

    private Place(String url, String schema, AutoCloseable server) {
        this.url = url;
        this.schema = schema;
        this.server = server;
    }

    /**
     * Finds the place.
     *
     * @param named a URL, {@link #OWN_SERVER}, or empty for this process
     * @param schema on a server: what is done there stays in it
     */
    public static Place at(String named, String schema) throws SQLException, IOException {
        if (named.isEmpty()) {
            return new Place("jdbc:mortise:mem:bank;LOCK_TIMEOUT=60000", "", () -> {});
        }
        if (!named.equals(OWN_SERVER)) {
            return new Place(named, named.startsWith(SERVERS) ? schema : "", () -> {}).prepared();
        }
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "off") // Nobody needs its data after a crash.
                // On a slow machine too, both sides of a deadlock have waited for a while before one is chosen.
                .setServerConfig("deadlock_timeout", "2s")
                .start();
        try {
            String url = SERVERS + "//localhost:" + server.getPort() + "/postgres?user=postgres";
            return new Place(url, schema, server).prepared();
        } catch (SQLException | RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    private Place prepared() throws SQLException {
        if (isServer()) {
            run("CREATE SCHEMA IF NOT EXISTS " + schema);
        }
        return this;
    }

    private void run(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Without the schema: what another process is told, to come here too. */
    public String url() {
        return url;
    }

    /** What to connect with. */
    public String urlOfBank() {
        String separator = url.contains("?") ? "&" : "?";
        return isServer() ? url + separator + "LOCK_TIMEOUT=60000&CURRENT_SCHEMA=" + schema : url;
    }

    /** Can other processes come here? */
    public boolean isServer() {
        return !schema.isEmpty();
    }

    /** Takes the schema, with what is in it, off the server again. */
    public void clean() throws SQLException {
        if (isServer()) {
            run("DROP SCHEMA " + schema + " CASCADE");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            server.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
