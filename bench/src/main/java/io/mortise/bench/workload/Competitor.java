package io.mortise.bench.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;

/** A database that takes part. */
public enum Competitor {
    H2("jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1"),
    MORTISE("jdbc:mortise:mem:%s;DB_CLOSE_DELAY=-1"),
    KOGNITIO("jdbc:mortise:mem:%s;DB_CLOSE_DELAY=-1;LOCK_POLICY=kognitio"),
    SQREAM("jdbc:mortise:mem:%s;DB_CLOSE_DELAY=-1;LOCK_POLICY=sqream"),
    /** At SERIALIZABLE readers lock what they read. */
    LOCKS("jdbc:mortise:mem:%s;DB_CLOSE_DELAY=-1;SERIALIZABLE_BY=LOCKS"),
    HSQLDB("jdbc:hsqldb:mem:%s;hsqldb.tx=mvcc"),
    DERBY("jdbc:derby:memory:%s;create=true"),
    /** In a file, as it comes: what is committed is in the file half a second later. */
    H2_FILE("jdbc:h2:file:%s"),
    MORTISE_FILE("jdbc:mortise:file:%s"),
    /** In a file, each commit at once. */
    H2_NO_DELAY("jdbc:h2:file:%s;WRITE_DELAY=0"),
    MORTISE_NO_DELAY("jdbc:mortise:file:%s;WRITE_DELAY=0"),
    /** PostgreSQL by its own driver: what the next one is compared with. */
    PGJDBC("jdbc:postgresql:"),
    MORTISE_PG("jdbc:mortise:postgresql:");

    static {
        // Derby looks for deadlocks after 20 s and waits for 60 s: a round would be one wait. These are its own
        // settings.
        setUnlessSet("derby.locks.deadlockTimeout", "1");
        setUnlessSet("derby.locks.waitTimeout", "2");
        setUnlessSet("derby.stream.error.file", System.getProperty("java.io.tmpdir") + "/bench-derby.log");
        setUnlessSet("hsqldb.reconfig_logging", "false");
    }

    private final String url;

    Competitor(String url) {
        this.url = url;
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** This driver, under whichever policy. */
    public boolean isOurs() {
        return url.startsWith("jdbc:mortise:");
    }

    private boolean isInFile() {
        return url.contains(":file:");
    }

    private static Path file(String name) {
        return Path.of(
                System.getProperty("java.io.tmpdir"),
                "bench-" + ProcessHandle.current().pid(),
                name);
    }

    private boolean isOnServer() {
        return this == PGJDBC || this == MORTISE_PG;
    }

    /** A connection to a database of that name, which the first one makes. */
    public Connection connect(String database) throws SQLException {
        return connect(database, "");
    }

    /** @param settings for the end of the URL, each behind a semicolon; on a server, behind an ampersand */
    public Connection connect(String database, String settings) throws SQLException {
        String name = database + "_" + name().toLowerCase(Locale.ROOT);
        if (isOnServer()) {
            return DriverManager.getConnection(url + PostgresServer.with(name) + settings);
        }
        return DriverManager.getConnection(String.format(url, isInFile() ? file(name) : name) + settings, "sa", "");
    }

    /** Throws the database away, so that the next one has the memory for itself. */
    public void drop(String database) throws SQLException {
        if (isOnServer()) {
            PostgresServer.drop(database + "_" + name().toLowerCase(Locale.ROOT));
        } else if (this == DERBY) {
            String name = database + "_derby";
            try {
                DriverManager.getConnection("jdbc:derby:memory:" + name + ";drop=true")
                        .close();
            } catch (SQLException done) {
                if (!"08006".equals(done.getSQLState())) { // Derby reports success as this error.
                    throw done;
                }
            }
        } else {
            try (Connection connection = connect(database)) {
                connection.createStatement().execute("SHUTDOWN");
            }
            if (isInFile()) {
                deleteFiles(file(database + "_" + name().toLowerCase(Locale.ROOT)));
            }
        }
    }

    private static void deleteFiles(Path database) throws SQLException {
        try {
            Files.deleteIfExists(Path.of(database + ".mv.db"));
            Files.deleteIfExists(Path.of(database + ".trace.db"));
            Files.deleteIfExists(database.getParent());
        } catch (IOException e) {
            throw new SQLException("the files of " + database + " cannot be deleted", e);
        }
    }
}
