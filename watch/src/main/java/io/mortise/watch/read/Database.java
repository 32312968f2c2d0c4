package io.mortise.watch.read;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.util.List;

/**
 * A connection to the database that is watched, with the rights of the user who logged in. Thread-safe: one statement
 * at a time, and each is short, because reading the tables of SYS waits for nobody.
 */
public final class Database implements AutoCloseable {
    /** What the watching connections call themselves, so that they can be left out of what they show. */
    public static final String NAME = "mortise-watch";

    private static final String NO_TABLES =
            "This database has no lock tables: it was opened by %s itself. Open it with a URL that begins with jdbc:mortise:,"
                    + " as in jdbc:mortise:mem:shop instead of jdbc:h2:mem:shop, and look again.";

    private static final String SELF = "SELECT SESSION_ID() AS SESSION";
    private static final String POSTGRES_SELF = "SELECT pg_backend_pid() AS SESSION";
    private static final String ADMIN =
            "SELECT 1 FROM INFORMATION_SCHEMA.USERS WHERE USER_NAME = CURRENT_USER AND IS_ADMIN";
    private static final String POSTGRES_ADMIN =
            "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER AND rolsuper";

    @GuardedBy("this")
    private final Connection connection;

    private final String user;
    private final boolean isAdmin;
    private final boolean hasHistory;
    private final boolean hasFailures;
    private final int session;

    private Database(Connection connection, String user) throws SQLException {
        this.connection = connection;
        this.user = user;
        String product = connection.getMetaData().getDatabaseProductName();
        if (!has(connection, "SYS.SESSIONS") || !has(connection, "SYS.LOCK_WAITS")) {
            throw new SQLException(NO_TABLES.formatted(product), "HY000");
        }
        this.hasHistory = has(connection, "SYS.LOCK_WAIT_HISTORY");
        this.hasFailures = has(connection, "SYS.SERIALIZATION_FAILURES");
        boolean isPostgres = product.equals("PostgreSQL");
        Rows self = query(connection, isPostgres ? POSTGRES_SELF : SELF, List.of());
        this.session = (int) self.number(0, "SESSION");
        this.isAdmin = query(connection, isPostgres ? POSTGRES_ADMIN : ADMIN, List.of())
                        .size()
                > 0;
    }

    /** By asking it: over PostgreSQL our tables stand in no catalogue. */
    private static boolean has(Connection connection, String table) {
        try {
            query(connection, "SELECT 1 FROM " + table + " WHERE 1 = 0", List.of());
            return true;
        } catch (SQLException none) {
            return false;
        }
    }

    /** Connects, and sees that there is something to watch. */
    public static Database open(Connections connections, String user, String password) throws SQLException {
        Connection connection = connections.open(user, password);
        try {
            name(connection);
            return new Database(
                    connection, String.valueOf(connection.getMetaData().getUserName()));
        } catch (SQLException | RuntimeException | Error e) {
            connection.close();
            throw e;
        }
    }

    private static void name(Connection connection) {
        try {
            connection.setClientInfo("ApplicationName", NAME);
        } catch (SQLClientInfoException unnamed) {
            // It is only shown by its number then, and leaves itself out by that.
            assert unnamed.getMessage() != null;
        }
    }

    public String user() {
        return user;
    }

    public boolean isAdmin() {
        return isAdmin;
    }

    /** Has the user that logged in still this name? Users are renamed and dropped, and names are given again. */
    public synchronized boolean isStill(String name) {
        try {
            Rows now = query(connection, "SELECT CURRENT_USER AS NAME", List.of());
            return now.text(0, "NAME").equals(name);
        } catch (SQLException dropped) {
            return false;
        }
    }

    /** Number of the session that watches. */
    public int session() {
        return session;
    }

    public boolean hasHistory() {
        return hasHistory;
    }

    /** Is there a table of transactions that could not be serialized? */
    public boolean hasFailures() {
        return hasFailures;
    }

    /** What the server calls itself, and the database. */
    public synchronized String title() throws SQLException {
        Rows name = query(connection, "SELECT CURRENT_CATALOG AS NAME", List.of());
        return name.text(0, "NAME");
    }

    /** The rows that the query gives, with these values for its question marks. */
    public synchronized Rows read(String sql, Object... values) throws SQLException {
        return query(connection, sql, List.of(values));
    }

    /** Runs a statement, and returns how many rows it changed. */
    public synchronized int change(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, List.of(values));
            return statement.executeUpdate();
        }
    }

    public synchronized boolean isOpen() {
        try {
            return connection.isValid(2);
        } catch (SQLException e) {
            return false;
        }
    }

    private static Rows query(Connection connection, String sql, List<Object> values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            set(statement, values);
            try (ResultSet result = statement.executeQuery()) {
                return Rows.of(result, Integer.MAX_VALUE);
            }
        }
    }

    private static void set(PreparedStatement statement, List<Object> values) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }

    @Override
    public synchronized void close() throws SQLException {
        connection.close();
    }
}
