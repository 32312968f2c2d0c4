package io.mortise.driver;

import io.mortise.all.NestedJars;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The driver as the jar for tools shows it: hands everything to the one inside, which has the same name, an engine and
 * an H2 of its own. That one is loaded with the first URL that is ours. Thread-safe.
 */
public final class MortiseDriver implements Driver {
    private static final String PREFIX = "jdbc:mortise:";

    static {
        try {
            DriverManager.registerDriver(new MortiseDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Loaded when it is first looked at. */
    private static final class Inside {
        static final Driver DRIVER = load();

        private static Driver load() {
            try {
                ClassLoader jars = new NestedJars(MortiseDriver.class.getClassLoader());
                return (Driver) Class.forName(MortiseDriver.class.getName(), true, jars)
                        .getDeclaredConstructor()
                        .newInstance();
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("The driver inside this jar cannot be loaded", e);
            }
        }
    }

    private static boolean isOurs(@Nullable String url) {
        return url == null || url.startsWith(PREFIX);
    }

    @Override
    public boolean acceptsURL(@Nullable String url) throws SQLException {
        return isOurs(url) && Inside.DRIVER.acceptsURL(url);
    }

    /** Returns null for a URL that is not ours, as {@link Driver} asks. */
    @Override
    public @Nullable Connection connect(@Nullable String url, @Nullable Properties info) throws SQLException {
        return isOurs(url) ? Inside.DRIVER.connect(url, info) : null;
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(@Nullable String url, @Nullable Properties info) throws SQLException {
        return Inside.DRIVER.getPropertyInfo(url, info);
    }

    @Override
    public int getMajorVersion() {
        return Inside.DRIVER.getMajorVersion();
    }

    @Override
    public int getMinorVersion() {
        return Inside.DRIVER.getMinorVersion();
    }

    @Override
    public boolean jdbcCompliant() {
        return true;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("io.mortise");
    }
}
