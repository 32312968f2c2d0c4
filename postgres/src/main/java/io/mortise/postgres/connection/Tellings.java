package io.mortise.postgres.connection;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * What the server hears of a session just before its next statement. Setting it waits for nothing. Outside transactions
 * only, because a roll-back would take it back. Thread-safe.
 */
public final class Tellings {
    private final BaseConnection connection;

    @GuardedBy("this")
    private final Map<String, String> wanted = new LinkedHashMap<>();

    private volatile boolean hasNews;
    private volatile String applicationName = "";
    private volatile String isolation = "READ COMMITTED";

    public Tellings(BaseConnection connection) {
        this.connection = connection;
    }

    public String applicationName() {
        return applicationName;
    }

    public String isolation() {
        return isolation;
    }

    public void setApplicationName(String name) {
        applicationName = name;
        want("application_name", name);
    }

    /**
     * How long the session waits for a lock.
     *
     * @param millis 0 for as short as can be, negative for what the server says by itself
     */
    public void setLockTimeout(long millis) {
        want("lock_timeout", millis < 0 ? "" : Long.toString(Math.max(1, millis)));
    }

    private synchronized void want(String setting, String value) {
        wanted.put(setting, value);
        hasNews = true;
    }

    /** The calling thread has the connection. */
    public void tell() throws SQLException {
        if (!hasNews || connection.getTransactionState() != TransactionState.IDLE) {
            return;
        }
        Map<String, String> news;
        synchronized (this) {
            news = new LinkedHashMap<>(wanted);
            wanted.clear();
            hasNews = false;
        }
        boolean autoCommit = connection.getAutoCommit();
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_catalog.set_config(?, ?, false)")) {
            for (Map.Entry<String, String> entry : news.entrySet()) {
                boolean isDefault = entry.getValue().isEmpty() && entry.getKey().equals("lock_timeout");
                statement.setString(1, entry.getKey());
                statement.setString(2, isDefault ? null : entry.getValue());
                statement.execute();
            }
        } finally {
            if (!autoCommit) {
                connection.commit();
            }
        }
    }
}
