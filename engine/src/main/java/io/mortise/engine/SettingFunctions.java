package io.mortise.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.StorageCommands;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** SET PARAMETER, as the function that the statement calls. Thread-safe. */
final class SettingFunctions {
    private final Storage storage;
    private final Sessions sessions;
    private final Serving serving;
    private final LogFile log;
    private final Map<Setting, String> settings;

    @GuardedBy("this")
    private boolean begun;

    /** @param settings of the database: changed here, and shown by SYS.PARAMETERS */
    SettingFunctions(Storage storage, Sessions sessions, Serving serving, Map<Setting, String> settings) {
        this.log = new LogFile(storage);
        this.storage = storage;
        this.sessions = sessions;
        this.serving = serving;
        this.settings = settings;
    }

    /**
     * May the user of this session have a connection whose URL asks for this?
     *
     * @throws SQLException 90040 if it asks for what is an administrator's, whether or not that would count now
     */
    static void check(ClientSession session, Map<Setting, String> asked) throws SQLException {
        for (Setting setting : asked.keySet()) {
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
    synchronized void begin(Map<Setting, String> opening) throws SQLException {
        if (!begun) {
            for (Map.Entry<Setting, String> entry : opening.entrySet()) {
                if (entry.getKey().isAdministrators()) {
                    setDatabase(entry.getKey(), entry.getValue());
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
                this::set));
    }

    private @Nullable Object set(Reader caller, List<@Nullable Object> arguments) throws SQLException {
        String name = String.valueOf(arguments.get(0));
        String given = String.valueOf(arguments.get(1));
        Setting setting = Setting.named(name)
                .orElseThrow(() -> EngineError.INVALID_SETTING_VALUE.exception(
                        "Unknown setting " + name + ". Nothing was changed. SYS.PARAMETERS lists the settings."));
        var complaint = setting.complaint(given);
        if (complaint.isPresent()) {
            throw EngineError.INVALID_SETTING_VALUE.exception(complaint.get() + " Nothing was changed.");
        }
        String value = setting.normalised(given);
        if (setting.scope() == Setting.Scope.SESSION) {
            setSession(caller, setting, value);
        } else {
            checkTrusted(caller, setting);
            setDatabase(setting, value);
        }
        return null;
    }

    private void setSession(Reader caller, Setting setting, String value) throws SQLException {
        StorageSession session = StorageCommands.caller(storage, caller);
        switch (setting) {
            case LOCK_TIMEOUT -> session.setLockTimeout(Long.parseLong(value));
            case DEADLOCK_PRIORITY -> session.owner().setDeadlockPriority(Integer.parseInt(value));
            case QUERY_TIMEOUT -> session.setQueryTimeout(Integer.parseInt(value));
            case APPLICATION_NAME -> {
                if (!sessions.set(caller.session(), setting, value, caller.statement())) {
                    session.setApplicationName(value);
                }
            }
            case BIND_VALUES -> session.setShowingValues(Boolean.parseBoolean(value));
            case READ_ONLY -> session.setReadOnly(Boolean.parseBoolean(value));
            default -> {
                if (!sessions.set(caller.session(), setting, value, caller.statement())) {
                    throw fixed(setting, "a connection is made. Put it into the URL");
                }
            }
        }
    }

    private int number(Setting setting) {
        return Integer.parseInt(settings.getOrDefault(setting, setting.defaultValue()));
    }

    private void setDatabase(Setting setting, String value) throws SQLException {
        switch (setting) {
            case SERVE -> {
                serving.change(value);
                return; // The setting shows the port that was found.
            }
            case JMX -> serving.showToJmx(Boolean.parseBoolean(value));
            case LOCK_BARGING -> storage.locks().setBarging(Long.parseLong(value));
            case JOURNAL_SIZE -> storage.journal().resize(Integer.parseInt(value));
            case JOURNAL_TEXT, JOURNAL_BYTES -> {
                settings.put(setting, value);
                storage.journal().limit(number(Setting.JOURNAL_TEXT), number(Setting.JOURNAL_BYTES));
            }
            case LOCK_LOG -> log.write(value);
            case EVENT_KEYS -> storage.journal().flight().setShowingKeys(Boolean.parseBoolean(value));
            case DA_DUMP_LKTI -> storage.locks().setLongWait(TimeUnit.SECONDS.toMillis(Long.parseLong(value)));
            case LKTI, STATEMENT_LOCK_TIMEOUT, DEFAULT_AT_NOW -> {
                settings.put(setting, value);
                storage.setPolicy(Policies.of(settings));
            }
            case LOCK_POLICY -> {
                checkNobodyIsInATransaction();
                settings.put(setting, value);
                storage.setPolicy(Policies.of(settings));
            }
            default -> throw new AssertionError(setting + " is no setting of the database");
        }
        settings.put(setting, value);
    }

    /** What one policy leaves unlocked another takes for locked: a transaction is to run under one. */
    private void checkNobodyIsInATransaction() throws SQLException {
        String busy = storage.sessions().stream()
                .filter(session -> session.owner().isActive())
                .map(session -> Integer.toString(session.id()))
                .collect(Collectors.joining(", "));
        if (!busy.isEmpty()) {
            throw EngineError.INVALID_SETTING_VALUE.exception(
                    "LOCK_POLICY can be changed while nobody is in a transaction. Session " + busy
                            + " is in one. Nothing was changed. Try again when it has ended.");
        }
    }

    private static SQLException fixed(Setting setting, String when) {
        return EngineError.INVALID_SETTING_VALUE.exception(
                setting + " is chosen when " + when + ". Nothing was changed.");
    }

    private void checkTrusted(Reader caller, Setting setting) throws SQLException {
        if (setting.isAdministrators() && !caller.isAdmin()) {
            throw EngineError.NOT_ADMINISTRATOR.exception("User " + caller.user() + " may not set " + setting
                    + ": it is for administrators. Nothing was changed. Ask one.");
        }
        if (!new StorageCommands(StorageCommands.caller(storage, caller)).isTrusted()) {
            throw EngineError.NOT_AUTHORISED.exception("User " + caller.user() + " may not set " + setting
                    + ", a setting of the whole database. Nothing was changed. An administrator can GRANT LOCK_SYSTEM TO "
                    + caller.user() + ".");
        }
    }
}
