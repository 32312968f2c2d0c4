package io.mortise.engine.storage.remote;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.setting.Setting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings that the session in the other process is to have. They are wanted from any thread, and told with the
 * next statement, by the thread that runs it. Thread-safe.
 */
final class PeerSettings {
    private final Connection connection;
    private final Peer peer;

    @GuardedBy("wanted")
    private final Map<Setting<?>, String> wanted = new LinkedHashMap<>();

    @GuardedBy("wanted")
    private final Map<Setting<?>, String> told = new HashMap<>();

    private volatile boolean hasNews;

    PeerSettings(Connection connection, Peer peer) {
        this.connection = connection;
        this.peer = peer;
    }

    void want(Setting<?> setting, String value) {
        synchronized (wanted) {
            wanted.put(setting, value);
            hasNews = true;
        }
    }

    /** Tells what has been wanted and not told yet. */
    void tell() throws SQLException {
        if (!hasNews) {
            return;
        }
        Map<Setting<?>, String> news;
        synchronized (wanted) {
            news = new LinkedHashMap<>(wanted);
            news.entrySet().removeAll(told.entrySet());
            told.putAll(news);
            wanted.clear();
            hasNews = false;
        }
        for (Map.Entry<Setting<?>, String> entry : news.entrySet()) {
            tell(entry.getKey(), entry.getValue());
        }
    }

    private void tell(Setting<?> setting, String value) throws SQLException {
        if (peer.hasEngine()) {
            try (PreparedStatement call = connection.prepareStatement("CALL SYS.SET_PARAMETER(?, ?)")) {
                call.setString(1, setting.name());
                call.setString(2, value);
                call.execute();
            }
        } else if (setting == Setting.LOCK_TIMEOUT || setting == Setting.QUERY_TIMEOUT) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET " + setting + " " + value);
            }
        }
    }
}
