package io.mortise.compat.postgres;

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
import java.util.concurrent.atomic.AtomicInteger;

/** What a client is put in front of. One server serves all tests; each has a database of its own. */
enum Driver {
    MORTISE("jdbc:mortise:postgresql:", "io.mortise.driver.MortiseDriver"),
    PGJDBC("jdbc:postgresql:", "org.postgresql.Driver");

    private static final EmbeddedPostgres SERVER = start();
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String prefix;
    private final String className;

    Driver(String prefix, String className) {
        this.prefix = prefix;
        this.className = className;
    }

    private static EmbeddedPostgres start() {
        try { // The library stops it when this process ends.
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("deadlock_timeout", "100ms")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String className() {
        return className;
    }

    /** The URL of a new database, without anything in it. */
    String freshDatabase() throws SQLException {
        String name = "test" + LAST.incrementAndGet();
        try (Connection server = DriverManager.getConnection(url("postgres"), "postgres", "")) {
            run(server, "CREATE DATABASE " + name);
        }
        return url(name);
    }

    private String url(String database) {
        return prefix + "//localhost:" + SERVER.getPort() + "/" + database;
    }

    static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url, "postgres", "");
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of all rows. */
    static List<String> column(String url, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = connect(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(1)));
            }
        }
        return found;
    }
}
