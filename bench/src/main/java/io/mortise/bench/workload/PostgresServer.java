package io.mortise.bench.workload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server of this JVM's own, there while it has databases. It waits for no disk, so the drivers have as large a part
 * in the time of a statement as they ever have. Thread-safe.
 */
final class PostgresServer {
    private static final String USER = "postgres";

    @GuardedBy("PostgresServer.class")
    private static final Set<String> MADE = new HashSet<>();

    @GuardedBy("PostgresServer.class")
    private static @Nullable EmbeddedPostgres running;

    private PostgresServer() {}

    /** The rest of a URL behind its prefix, with a database of this name, which is made if it is not there. */
    static synchronized String with(String database) throws SQLException {
        int port = started().getPort();
        if (MADE.add(database)) {
            run(port, "CREATE DATABASE " + database);
        }
        return address(port, database);
    }

    /** Throws a database away, whoever uses it; with the last one, the server. */
    static synchronized void drop(String database) throws SQLException {
        EmbeddedPostgres server = started();
        if (MADE.remove(database)) {
            run(server.getPort(), "DROP DATABASE " + database + " WITH (FORCE)");
        }
        if (MADE.isEmpty()) {
            running = null;
            try {
                server.close();
            } catch (IOException e) {
                throw new SQLException("The server does not stop.", e);
            }
        }
    }

    @GuardedBy("PostgresServer.class")
    private static EmbeddedPostgres started() throws SQLException {
        EmbeddedPostgres server = running;
        try {
            if (server == null) {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("synchronous_commit", "off")
                        .setServerConfig("shared_buffers", "256MB")
                        .start();
                running = server;
            }
            return server;
        } catch (IOException e) {
            throw new SQLException("There is no server on this machine.", e);
        }
    }

    private static String address(int port, String database) {
        return "//localhost:" + port + "/" + database + "?user=" + USER;
    }

    private static void run(int port, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql:" + address(port, USER));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
