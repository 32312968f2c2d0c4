package io.mortise.driver.opening;

import java.io.IOException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A process whose opening of a database stands still half-way: the database has a linked table, H2 connects that one
 * when it opens, and the driver that it connects with is this, which says "opening" and goes on when it reads a line.
 */
public final class SlowOpening implements Driver {
    static final String LINKED = "jdbc:slow:";
    /** H2 tries twice. */
    private static final AtomicBoolean STOOD = new AtomicBoolean();

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0], "sa", "")) {
            System.out.println(connection.isValid(0) ? "open" : "closed");
            System.in.read();
        }
    }

    /** Makes the database that {@link #main} opens. */
    static void make(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE FORCE LINKED TABLE SLOW('" + SlowOpening.class.getName() + "', '" + LINKED
                    + "', 'sa', '', 'T')");
        }
    }

    @Override
    public @Nullable Connection connect(String url, Properties info) throws SQLException {
        if (!acceptsURL(url)) {
            return null;
        }
        if (System.getProperty("slow") != null && !STOOD.getAndSet(true)) {
            System.out.println("opening");
            try {
                System.in.read();
            } catch (IOException e) {
                throw new SQLException(e);
            }
        }
        throw new SQLException("There is nothing here.");
    }

    @Override
    public boolean acceptsURL(String url) {
        return url.startsWith(LINKED);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("slow");
    }
}
