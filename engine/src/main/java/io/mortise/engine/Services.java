package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.jmx.Management;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.setting.Watcher;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.remote.DatabaseServer;
import io.mortise.engine.virtual.Catalog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;

/**
 * SERVE: whether, and where, other processes can attach to the database; WATCH: whether, and where, a page shows it;
 * and JMX: whether those that look at this process can see it. Ends with it. Thread-safe.
 */
final class Services {
    private static final System.Logger LOG = System.getLogger("mortise.serve");

    private final Storage storage;

    @GuardedBy("this")
    private Optional<DatabaseServer> server = Optional.empty();

    @GuardedBy("this")
    private Optional<Management> management = Optional.empty();

    @GuardedBy("this")
    private Optional<Watcher.Page> page = Optional.empty();

    @GuardedBy("this")
    private Optional<Watcher.Login> login = Optional.empty();

    Services(Storage storage) {
        this.storage = storage;
        storage.onClose(this::endPage);
    }

    /** How a page reaches the database, as the first client that can be asked says. */
    synchronized void reachedBy(Watcher.Login one) {
        if (login.isEmpty()) {
            login = Optional.of(one);
        }
    }

    /**
     * Shows the page there from now on, and nowhere else.
     *
     * @param wanted empty for nowhere
     * @return the same, with the port that was found
     * @throws SQLException 08001 without {@code mortise-watch}, and if there is no listening there
     */
    synchronized Optional<ServeAddress> watch(Optional<ServeAddress> wanted) throws SQLException {
        endPage();
        if (wanted.isPresent()) {
            page = Optional.of(show(wanted.get()));
            page.ifPresent(shown -> LOG.log(
                    Level.INFO,
                    "Database " + storage.name() + " is shown at "
                            + address("http://", new ServeAddress(wanted.get().host(), shown.port()))));
        }
        return page.flatMap(shown -> wanted.map(where -> new ServeAddress(where.host(), shown.port())));
    }

    @GuardedBy("this")
    private Watcher.Page show(ServeAddress wanted) throws SQLException {
        String asked = "WATCH=" + wanted.text("http");
        Watcher watcher = ServiceLoader.load(Watcher.class, Watcher.class.getClassLoader())
                .findFirst()
                .orElseThrow(() -> EngineError.INVALID_URL.exception(asked
                        + " needs the artifact io.mortise:mortise-watch, which is not on the class path. No page is shown."
                        + " Add it beside the driver, or leave WATCH out."));
        Watcher.Login how = login.orElseThrow(() -> EngineError.INVALID_URL.exception(asked
                + ": nobody else can reach this database, because it has no name. No page is shown. Give it one, as in"
                + " jdbc:mortise:mem:NAME."));
        try {
            return watcher.show(wanted, how);
        } catch (IOException e) {
            SQLException error = EngineError.INVALID_URL.exception(
                    asked + ": cannot listen there (" + e.getMessage()
                            + "). No page is shown. Give a port that is free, or http:0 for any; an address must be this machine's.");
            error.initCause(e);
            throw error;
        }
    }

    private synchronized void endPage() {
        page.ifPresent(Watcher.Page::close);
        page = Optional.empty();
    }

    /**
     * What JMX is to show, if it shows anything.
     *
     * @param showsKeys see EVENT_KEYS
     */
    synchronized void manage(Catalog catalog, DatabaseMeters meters, BooleanSupplier showsKeys) {
        Management made = new Management(catalog, meters, showsKeys);
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
            DatabaseServer running = storage.serve(wanted.get());
            server = Optional.of(running);
            LOG.log(
                    Level.INFO,
                    "Database " + storage.name() + " is served at "
                            + address("jdbc:mortise:h2:tcp://", running.address()) + "/" + storage.name());
        }
        return server.map(DatabaseServer::address);
    }

    private static String address(String scheme, ServeAddress where) {
        return scheme + (where.host().isEmpty() ? "localhost" : where.host()) + ":" + where.port();
    }

    /** 0 while nobody is served. */
    synchronized int port() {
        return server.map(running -> running.address().port()).orElse(0);
    }
}
