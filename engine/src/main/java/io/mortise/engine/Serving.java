package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.jmx.Management;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.remote.DatabaseServer;
import io.mortise.engine.virtual.Catalog;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * SERVE: whether, and where, other processes can attach to the database; and JMX: whether those that look at this process can
 * see it. Ends with it. Thread-safe.
 */
final class Serving {
    private final Storage storage;
    private final Map<Setting, String> settings;

    @GuardedBy("this")
    private Optional<DatabaseServer> server = Optional.empty();

    @GuardedBy("this")
    private Optional<Management> management = Optional.empty();

    /** @param settings of the database; the port that was found is entered there */
    Serving(Storage storage, Map<Setting, String> settings) {
        this.storage = storage;
        this.settings = settings;
    }

    /** What JMX is to show, if it shows anything. */
    synchronized void manage(Catalog catalog) {
        Management made = new Management(
                storage.name(),
                catalog,
                () -> Boolean.parseBoolean(
                        settings.getOrDefault(Setting.EVENT_KEYS, Setting.EVENT_KEYS.defaultValue())));
        management = Optional.of(made);
        storage.onClose(made::close);
    }

    synchronized void showToJmx(boolean shown) {
        management.ifPresent(shown ? Management::start : Management::stop);
    }

    /** @param wanted empty for nowhere */
    synchronized void change(String wanted) throws SQLException {
        server.ifPresent(DatabaseServer::stop);
        server = Optional.empty();
        settings.put(Setting.SERVE, "");
        start(wanted);
    }

    @GuardedBy("this")
    private void start(String wanted) throws SQLException {
        Optional<ServeAddress> address = ServeAddress.parse(wanted);
        if (address.isPresent()) {
            DatabaseServer started = storage.serve(address.get());
            server = Optional.of(started);
            settings.put(Setting.SERVE, started.address().text());
        }
    }

    /** 0 while nobody is served. */
    synchronized int port() {
        return server.map(running -> running.address().port()).orElse(0);
    }
}
