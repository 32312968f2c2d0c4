package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.jmx.Management;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.remote.DatabaseServer;
import io.mortise.engine.virtual.Catalog;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * SERVE: whether, and where, other processes can attach to the database; and JMX: whether those that look at this process can
 * see it. Ends with it. Thread-safe.
 */
final class Serving {
    private final Storage storage;

    @GuardedBy("this")
    private Optional<DatabaseServer> server = Optional.empty();

    @GuardedBy("this")
    private Optional<Management> management = Optional.empty();

    Serving(Storage storage) {
        this.storage = storage;
    }

    /**
     * What JMX is to show, if it shows anything.
     *
     * @param showsKeys see EVENT_KEYS
     */
    synchronized void manage(Catalog catalog, BooleanSupplier showsKeys) {
        Management made = new Management(storage.name(), catalog, showsKeys);
        management = Optional.of(made);
        storage.onClose(made::close);
    }

    synchronized void showToJmx() {
        management.ifPresent(Management::start);
    }

    synchronized void hideFromJmx() {
        management.ifPresent(Management::stop);
    }

    /**
     * Serves there from now on, and nowhere else.
     *
     * @param wanted empty for nowhere
     * @return the same, with the port that was found
     */
    synchronized Optional<ServeAddress> change(Optional<ServeAddress> wanted) throws SQLException {
        server.ifPresent(DatabaseServer::stop);
        server = Optional.empty();
        if (wanted.isPresent()) {
            server = Optional.of(storage.serve(wanted.get()));
        }
        return server.map(DatabaseServer::address);
    }

    /** 0 while nobody is served. */
    synchronized int port() {
        return server.map(running -> running.address().port()).orElse(0);
    }
}
