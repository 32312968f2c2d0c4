package io.mortise.engine.function;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.session.SessionSettings;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.text.Cut;
import io.mortise.engine.virtual.VirtualFunction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SET PARAMETER, as the function that the statement calls. Thread-safe. */
public final class SettingFunctions {
    /** The settings of the database: carries a change out and keeps it. */
    @FunctionalInterface
    public interface OfDatabase {
        /** @param text without complaint */
        void put(Setting<?> setting, String text) throws SQLException;
    }

    private final Callers callers;
    private final Sessions sessions;
    private final OfDatabase settings;

    @GuardedBy("this")
    private boolean begun;

    public SettingFunctions(Storage storage, Sessions sessions, OfDatabase settings) {
        this.callers = new Callers(storage);
        this.sessions = sessions;
        this.settings = settings;
    }

    /**
     * May the user of this session have a connection whose URL asks for this?
     *
     * @throws SQLException 90040 if it asks for what is an administrator's, whether or not that would count now
     */
    public static void check(ClientSession session, Settings asked) throws SQLException {
        if (asked.equals(Settings.DEFAULTS)) {
            return;
        }
        for (Setting<?> setting : asked.names()) {
            if (setting.isAdministrators() && !isAdmin(session)) {
                throw EngineError.NOT_ADMINISTRATOR.exception("User " + session.user() + " may not set " + setting
                        + ": it is for administrators. No connection was made. Leave " + setting + " out of the URL.");
            }
        }
    }

    private static boolean isAdmin(ClientSession session) throws SQLException {
        if (session instanceof StorageSession here) {
            return here.isAdmin();
        }
        try (Statement asks = session.connection().createStatement();
                ResultSet users = asks.executeQuery("SELECT COUNT(*) FROM INFORMATION_SCHEMA.USERS"
                        + " WHERE USER_NAME = CURRENT_USER AND IS_ADMIN")) {
            return users.next() && users.getInt(1) > 0;
        }
    }

    /** What is an administrator's and stands in the URL that has opened the database, once its user is known. */
    public synchronized void begin(Settings opening) throws SQLException {
        if (!begun) {
            for (Setting<?> setting : opening.names()) {
                if (setting.isAdministrators()) {
                    settings.put(setting, opening.text(setting));
                }
            }
            begun = true;
        }
    }

    List<VirtualFunction> all() {
        return List.of(new VirtualFunction(
                "SYS",
                "SET_PARAMETER",
                "SET_PARAMETER('name', 'value'): changes a setting of the database, or of this session",
                2,
                2,
                "VARCHAR",
                callers.handedTo(this::set)));
    }

    private @Nullable Object set(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        String name = String.valueOf(arguments.get(0));
        String given = String.valueOf(arguments.get(1));
        Setting<?> setting = Setting.named(name)
                .orElseThrow(() -> EngineError.INVALID_SETTING_VALUE.exception("Unknown setting "
                        + Cut.of(name, Cut.NAME) + ". Nothing was changed. SYS.PARAMETERS lists the settings."));
        var complaint = setting.complaint(given);
        if (complaint.isPresent()) {
            throw EngineError.INVALID_SETTING_VALUE.exception(complaint.get() + " Nothing was changed.");
        }
        switch (setting.keeper()) {
            case DATABASE, ADMINISTRATORS -> {
                checkTrusted(caller, setting);
                settings.put(setting, given);
            }
            case STORAGE -> SessionSettings.put(caller.session(), setting, given);
            case SESSION, CONNECTION -> setSession(caller, setting, given);
            case CONNECTING -> throw fixed(setting);
        }
        return null;
    }

    // A session that came by another route than the driver has no connection of ours to keep it.
    private void setSession(Caller caller, Setting<?> setting, String value) throws SQLException {
        if (sessions.set(caller.session().id(), setting, value, caller.reader().statement())) {
            return;
        }
        if (setting != Setting.APPLICATION_NAME) {
            throw fixed(setting);
        }
        caller.session().setApplicationName(Setting.APPLICATION_NAME.parse(value));
    }

    private static SQLException fixed(Setting<?> setting) {
        return EngineError.INVALID_SETTING_VALUE.exception(
                setting + " is chosen when a connection is made. Put it into the URL. Nothing was changed.");
    }

    private void checkTrusted(Caller caller, Setting<?> setting) throws SQLException {
        if (setting.isAdministrators() && !caller.reader().isAdmin()) {
            throw EngineError.NOT_ADMINISTRATOR.exception(
                    "User " + caller.session().user() + " may not set " + setting
                            + ": it is for administrators. Nothing was changed. Ask one.");
        }
        if (!caller.commands().isTrusted()) {
            throw EngineError.NOT_AUTHORISED.exception(
                    "User " + caller.session().user() + " may not set " + setting
                            + ", a setting of the whole database. Nothing was changed. An administrator can GRANT LOCK_SYSTEM TO "
                            + caller.session().user() + ".");
        }
    }
}
