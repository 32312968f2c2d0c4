package io.mortise.driver;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.Setting;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.logging.Logger;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import javax.sql.ConnectionPoolDataSource;
import javax.sql.DataSource;
import javax.sql.PooledConnection;
import javax.sql.XAConnection;
import javax.sql.XADataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source: a URL, a user, and settings as bean properties. Makes plain, pooled and distributed connections.
 * Thread-safe.
 */
public final class MortiseDataSource extends SettingsBean
        implements DataSource, ConnectionPoolDataSource, XADataSource, Referenceable {
    private volatile String url = "";
    private volatile String user = "";
    private volatile String password = "";
    private volatile String description = "";
    private volatile int loginTimeout;
    private volatile @Nullable PrintWriter logWriter;

    public String getUrl() {
        return url;
    }

    public void setUrl(String jdbcUrl) {
        url = jdbcUrl;
    }

    public String getURL() {
        return url;
    }

    public void setURL(String jdbcUrl) {
        url = jdbcUrl;
    }

    public String getUser() {
        return user;
    }

    public void setUser(String name) {
        user = name;
    }

    public void setPassword(String secret) {
        password = secret;
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String text) {
        description = text;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return connect(user, password);
    }

    @Override
    public Connection getConnection(String username, String secret) throws SQLException {
        return connect(username, secret);
    }

    @Override
    public PooledConnection getPooledConnection() throws SQLException {
        return getXAConnection();
    }

    @Override
    public PooledConnection getPooledConnection(String username, String secret) throws SQLException {
        return getXAConnection(username, secret);
    }

    @Override
    public XAConnection getXAConnection() throws SQLException {
        return connect(user, password).unwrap(XAConnection.class);
    }

    @Override
    public XAConnection getXAConnection(String username, String secret) throws SQLException {
        return connect(username, secret).unwrap(XAConnection.class);
    }

    // By the driver as anybody sees it: in mortise-all this class is on one side of a class loader, and the engine on
    // the other.
    private Connection connect(String username, String secret) throws SQLException {
        Driver driver = new MortiseDriver();
        if (!driver.acceptsURL(url)) {
            throw EngineError.INVALID_URL.exception((url.isEmpty()
                            ? "The data source has no URL."
                            : withoutSettings() + " is not a URL of this driver.")
                    + " No connection was made. Set url to jdbc:mortise:h2:…");
        }
        Properties properties = new Properties();
        settings().forEach((setting, value) -> properties.setProperty(setting.name(), value));
        if (!username.isEmpty()) {
            properties.setProperty("user", username);
        }
        if (!secret.isEmpty()) {
            properties.setProperty("password", secret);
        }
        Connection connection = driver.connect(url, properties);
        return Objects.requireNonNull(connection, "the URL is one of the driver's");
    }

    /** What {@link MortiseDataSourceFactory} makes the same data source of again. */
    @Override
    public Reference getReference() {
        Reference reference =
                new Reference(MortiseDataSource.class.getName(), MortiseDataSourceFactory.class.getName(), null);
        reference.add(new StringRefAddr("url", url));
        reference.add(new StringRefAddr("user", user));
        reference.add(new StringRefAddr("password", password));
        reference.add(new StringRefAddr("description", description));
        for (Map.Entry<Setting<?>, String> entry : settings().entrySet()) {
            reference.add(new StringRefAddr(entry.getKey().name(), entry.getValue()));
        }
        return reference;
    }

    static MortiseDataSource of(Reference reference) {
        MortiseDataSource dataSource = new MortiseDataSource();
        for (RefAddr address : Collections.list(reference.getAll())) {
            String value = String.valueOf(address.getContent());
            switch (address.getType()) {
                case "url" -> dataSource.setUrl(value);
                case "user" -> dataSource.setUser(value);
                case "password" -> dataSource.setPassword(value);
                case "description" -> dataSource.setDescription(value);
                default -> Setting.named(address.getType()).ifPresent(setting -> dataSource.set(setting, value));
            }
        }
        return dataSource;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** Kept, and not written to: the driver logs to {@link System.Logger}. */
    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        logWriter = out;
    }

    @Override
    public int getLoginTimeout() {
        return loginTimeout;
    }

    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeout = seconds;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("io.mortise");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type != null && type.isInstance(this)) {
            return type.cast(this);
        }
        throw EngineError.INVALID_VALUE.exception("MortiseDataSource does not wrap " + type + ".");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type != null && type.isInstance(this);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "MortiseDataSource " + withoutSettings() + " user " + user;
    }

    /** A password may be among the settings. */
    private String withoutSettings() {
        return url.split(";", 2)[0];
    }
}
