package io.mortise.engine;

import io.mortise.engine.function.Functions;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.session.Session;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Scope;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.session.SessionSettings;
import io.mortise.engine.text.Cut;
import io.mortise.engine.view.Sources;
import io.mortise.engine.view.Views;
import io.mortise.engine.view.figure.Figures;
import io.mortise.engine.virtual.Catalog;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What an open database shows of itself: puts the tables over what the rooms know. Immutable. */
final class EngineCatalog {
    private final Storage storage;
    private final Sessions sessions;
    private final Services services;
    private final DatabaseSettings settings;

    EngineCatalog(Storage storage, Sessions sessions, Services services, DatabaseSettings settings) {
        this.storage = storage;
        this.sessions = sessions;
        this.services = services;
        this.settings = settings;
    }

    Catalog with(Functions functions) {
        Views views = new Views(sources(), functions.abort());
        List<VirtualTableFunction<?>> tableFunctions = new ArrayList<>(functions.tables());
        tableFunctions.addAll(views.tableFunctions());
        return new Catalog(views.tables(), functions.all(), tableFunctions);
    }

    /** The same in figures. */
    Figures figures() {
        return new Figures(storage.name(), sources());
    }

    private Sources sources() {
        return new Sources(
                storage.locks()::snapshot,
                storage::rowLocks,
                this::notes,
                sessions::snapshot,
                storage.journal(),
                storage.targetNames(),
                storage.clock(),
                this::server,
                this::value,
                session -> sessions.session(session.id()).flatMap(Session::borrowSite),
                session -> sessions.session(session.id()).flatMap(Session::closesAt));
    }

    private Stream<Sources.ReadNote> notes() {
        return storage.serializing().serializer().looks().stream()
                .map(noted -> new Sources.ReadNote(
                        noted.by(),
                        noted.look().table(),
                        Cut.of(noted.look().extent().map(Extent::text).orElse(""), Cut.NAME),
                        noted.look().by()));
    }

    private Sources.Server server() {
        return new Sources.Server(
                storage.name(), host(), services.port(), storage.policy().name());
    }

    // Asked for when somebody looks: a machine that does not know its own name takes its time to find out.
    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private String value(Reader reader, Setting<?> setting) {
        if (setting == Setting.LOCK_POLICY) {
            return storage.policy().name().text();
        }
        return setting.scope() == Scope.DATABASE
                ? settings.present().text(setting)
                : sessionValue(reader, setting).orElse(setting.defaultText());
    }

    private Optional<String> sessionValue(Reader reader, Setting<?> setting) {
        return storage.session(reader.session())
                .flatMap(session -> SessionSettings.read(session, setting))
                .or(() -> sessions.setting(reader.session(), setting, reader.statement()));
    }
}
