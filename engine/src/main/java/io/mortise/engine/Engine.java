package io.mortise.engine;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.function.Functions;
import io.mortise.engine.function.SettingFunctions;
import io.mortise.engine.journal.log.WaitLog;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.meter.Meters;
import io.mortise.engine.provider.Provider;
import io.mortise.engine.provider.Providers;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.setting.Watcher;
import io.mortise.engine.storage.OpeningOptions;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.StorageConnection;
import io.mortise.engine.storage.StorageSettings;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.thread.HeldInterrupt;
import io.mortise.engine.view.figure.Figures;
import io.mortise.engine.virtual.Catalog;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An open database with its lock layer: builds the parts in order and closes them in reverse. Thread-safe. */
public final class Engine {
    private static final OpeningOptions USUAL = OpeningOptions.of(
            Settings.DEFAULTS, storage -> of(storage, Settings.DEFAULTS).catalog());

    static {
        OpeningOptions.setUsualCatalog(USUAL.catalog());
    }

    private final Storage storage;
    private final Sessions sessions;
    private final Services services;
    private final SettingFunctions changes;
    /** What the connection that has opened the database asks for; what is for administrators counts once it is in. */
    private final Settings opening;

    private final DatabaseSettings settings;

    private Engine(Storage storage, Settings opening) {
        this.storage = storage;
        this.opening = opening;
        this.sessions = new Sessions(storage.clock(), storage::sessions, Engine::callSite);
        storage.onClose(sessions::end);
        this.services = new Services(storage);
        this.settings = new DatabaseSettings(storage, services, waitLog(), opening);
        this.changes = new SettingFunctions(storage, sessions, settings::put);
    }

    private WaitLog waitLog() {
        LockManager locks = storage.locks();
        WaitLog log = new WaitLog(storage.name(), locks, storage.targetNames(), sessions::calledBy);
        locks.addListener(log);
        storage.onClose(log::close);
        return log;
    }

    /**
     * Opens the database, or joins it if it is open in this process, and begins a session in it.
     *
     * @throws SQLException what H2 throws; 90040 if the user may not set what the URL asks for; 08004 under another's
     *     system lock; 08001 if the URL contradicts how the database is open
     */
    public static Attachment connect(ConnectRequest request) throws SQLException {
        return connect(request, Optional.empty());
    }

    /** @param login how others reach the same database through the same client; empty if they cannot */
    public static Attachment connect(ConnectRequest request, Optional<Watcher.Login> login) throws SQLException {
        boolean interrupted = HeldInterrupt.hold();
        try {
            return open(request, login);
        } finally {
            if (interrupted) {
                HeldInterrupt.giveBack();
            }
        }
    }

    private static Attachment open(ConnectRequest request, Optional<Watcher.Login> login) throws SQLException {
        if (!request.isForH2()) {
            String database = request.storageUrl().substring("jdbc:".length());
            Optional<Provider> provider = Providers.of(database);
            if (provider.isPresent()) {
                return provider.get().connect(request.to(database));
            }
        }
        Settings settings = request.settings();
        OpeningOptions opening = opening(settings);
        ClientSession session = new StorageConnection(
                        request.storageUrl(), request.user(), request.password(), request.properties())
                .open(opening);
        try {
            SettingFunctions.check(session, settings);
            return session instanceof StorageSession here
                    ? of(Storage.of(here), settings).begin(session, settings, login)
                    : attach(session, settings);
        } catch (Throwable e) { // Whatever it is: nobody else knows of this session.
            session.abandon(e);
            throw e;
        }
    }

    @SuppressWarnings("ReferenceEquality") // Equal ones are read: no harm.
    private static OpeningOptions opening(Settings settings) {
        return settings == Settings.DEFAULTS
                ? USUAL
                : OpeningOptions.of(settings, storage -> of(storage, settings).catalog());
    }

    /** The database is open in another process: that one has its engine, and here is only who is in flight. */
    private static Attachment attach(ClientSession session, Settings settings) throws SQLException {
        return new Sessions(System::nanoTime, List::of, Engine::callSite).begin(session, settings);
    }

    private static Optional<String> callSite() {
        return CallSite.of(List.of(new Throwable().getStackTrace()));
    }

    /** H2's own settings, in upper case: what a URL may hold besides ours. */
    public static Set<String> storageSettings() {
        return StorageSettings.known();
    }

    /** Does an H2 URL without its {@code jdbc:h2:} begin with a place that H2 knows: {@code mem:}, {@code split:} …? */
    public static boolean isStoragePlace(String database) {
        return StorageSettings.isPlace(database);
    }

    /**
     * The engine of an open database, made if need be: while H2 opens it, before anybody is connected, or later if it
     * was opened by another route.
     */
    private static Engine of(Storage storage, Settings settings) {
        return storage.keep(Engine.class, () -> new Engine(storage, settings));
    }

    private Catalog catalog() {
        settings.begin();
        Functions functions = new Functions(storage, sessions, changes);
        EngineCatalog shown = new EngineCatalog(storage, sessions, services, settings);
        Catalog catalog = shown.with(functions);
        Figures figures = shown.figures();
        measure(figures);
        services.manage(catalog, figures, () -> settings.get(Setting.EVENT_KEYS));
        return catalog;
    }

    private void measure(Figures figures) {
        storage.locks().addListener(figures);
        Meters.add(figures);
        storage.onClose(() -> Meters.remove(figures));
    }

    private Attachment begin(ClientSession session, Settings settings, Optional<Watcher.Login> login)
            throws SQLException {
        checkPolicy(settings);
        login.ifPresent(services::reachedBy);
        if (settings.equals(opening)) {
            changes.begin(settings);
        }
        return sessions.begin(session, settings);
    }

    private void checkPolicy(Settings settings) throws SQLException {
        PolicyName present = storage.policy().name();
        PolicyName wanted = settings.given(Setting.LOCK_POLICY).orElse(present);
        if (wanted != present) {
            throw EngineError.INVALID_URL.exception("LOCK_POLICY=" + wanted.text()
                    + ", but the database is open with LOCK_POLICY=" + present.text()
                    + ". No connection was made. Leave LOCK_POLICY out, or close the other connections first.");
        }
    }
}
