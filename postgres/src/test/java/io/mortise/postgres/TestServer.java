package io.mortise.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One server for all tests of the module, started by the first class that needs it, and stopped when the last test has
 * run.
 */
final class TestServer {
    private static final EmbeddedPostgres SERVER = start();

    private TestServer() {}

    /** For the classes that use the server. */
    static final class Stops implements BeforeAllCallback {
        @Override
        public void beforeAll(ExtensionContext context) {
            context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(TestServer.class, SERVER);
        }
    }

    private static EmbeddedPostgres start() {
        try {
            return Binaries.chosen()
                    .setServerConfig("deadlock_timeout", "100ms")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String url() {
        return url("");
    }

    /** @param settings {@code KEY=VALUE&KEY=VALUE} */
    static String url(String settings) {
        return "jdbc:mortise:postgresql://localhost:" + SERVER.getPort() + "/postgres?user=postgres"
                + (settings.isEmpty() ? "" : "&" + settings);
    }

    static int port() {
        return SERVER.getPort();
    }

    static Connection connect() throws SQLException {
        return connect("");
    }

    static Connection connect(String settings) throws SQLException {
        return DriverManager.getConnection(url(settings));
    }

    /** By pgjdbc alone. */
    static Connection plain() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + SERVER.getPort() + "/postgres?user=postgres");
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of all rows, as text. */
    static List<String> column(Connection connection, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
        }
        return found;
    }

    static String one(Connection connection, String sql) throws SQLException {
        return column(connection, sql).get(0);
    }

    /** What runs on a thread of its own. */
    interface Step {
        void run() throws SQLException;
    }

    static CompletableFuture<Void> async(Step step) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        step.run();
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                work -> new Thread(work, "step").start());
    }

    /** How it ended: with this error. */
    static Throwable failure(CompletableFuture<Void> step) throws Exception {
        try {
            step.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failed) {
                return failed;
            }
            throw e;
        }
        throw new AssertionError("it did not fail");
    }

    /** The SQLState that it failed with. */
    static String state(CompletableFuture<Void> step) throws Exception {
        return String.valueOf(((SQLException) failure(step)).getSQLState());
    }

    static void done(CompletableFuture<Void> step) throws Exception {
        step.get(60, TimeUnit.SECONDS);
    }

    /**
     * Returns when the server says that the session runs a statement with this in its text, as {@code condition} has
     * it.
     */
    static void await(int pid, String condition) throws SQLException {
        try (Connection asks = plain();
                Statement statement = asks.createStatement()) {
            statement.setQueryTimeout(60);
            // The server waits: nothing sleeps here.
            statement.execute(
                    "DO $$ BEGIN LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN EXISTS (SELECT FROM pg_stat_activity"
                            + " WHERE pid = " + pid + " AND (" + condition
                            + ")); PERFORM pg_sleep(0.01); END LOOP; END $$");
        }
    }

    static void awaitLockWait(int pid) throws SQLException {
        await(pid, "wait_event_type = 'Lock'");
    }

    static void awaitRunning(int pid, String text) throws SQLException {
        await(pid, "state = 'active' AND query LIKE '%" + text + "%'");
    }

    static int pid(Connection connection) throws SQLException {
        return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }
}
