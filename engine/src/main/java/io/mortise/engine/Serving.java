package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.remote.DatabaseServer;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** SERVE: whether, and where, other processes can attach to the database. Ends with it. Thread-safe. */
final class Serving {
    private final Storage storage;
    private final Map<Setting, String> settings;

    @GuardedBy("this")
    private Optional<DatabaseServer> server = Optional.empty();

    /** @param settings of the database; the port that was found is entered there */
    Serving(Storage storage, Map<Setting, String> settings) {
        this.storage = storage;
        this.settings = settings;
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
