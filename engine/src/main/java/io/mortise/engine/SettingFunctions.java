package io.mortise.engine;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.StorageSession;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import java.nio.file.InvalidPathException;
import java.sql.SQLException;
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
    private final Map<Setting, String> settings;

    /** @param settings of the database: changed here, and shown by SYS.PARAMETERS */
    SettingFunctions(Storage storage, Sessions sessions, Serving serving, Map<Setting, String> settings) {
        this.storage = storage;
        this.sessions = sessions;
        this.serving = serving;
        this.settings = settings;
    }

    /** @param log changed by LOCK_LOG */
    List<VirtualFunction> all(LogFile log) {
        return List.of(new VirtualFunction(
                "SYS",
                "SET_PARAMETER",
                "SET_PARAMETER('name', 'value'): changes a setting of the database, or of this session",
                2,
                2,
                "VARCHAR",
                (caller, arguments) -> set(caller, arguments, log)));
    }

    private @Nullable Object set(Reader caller, List<@Nullable Object> arguments, LogFile log) throws SQLException {
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
            setDatabase(setting, value, log);
        }
        return null;
    }

    private void setSession(Reader caller, Setting setting, String value) throws SQLException {
        StorageSession session = sessionOf(caller);
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

    private void setDatabase(Setting setting, String value, LogFile log) throws SQLException {
        switch (setting) {
            case SERVE -> {
                serving.change(value);
                return; // The setting shows the port that was found.
            }
            case LOCK_BARGING -> storage.locks().setBarging(Long.parseLong(value));
            case JOURNAL_SIZE -> storage.journal().resize(Integer.parseInt(value));
            case LOCK_LOG -> write(log, value);
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

    private static void write(LogFile log, String path) throws SQLException {
        try {
            log.write(path);
        } catch (InvalidPathException e) {
            throw EngineError.INVALID_SETTING_VALUE.exception(
                    "LOCK_LOG=" + path + " is no path: " + e.getReason() + ". Nothing was changed.");
        }
    }

    private static SQLException fixed(Setting setting, String when) {
        return EngineError.INVALID_SETTING_VALUE.exception(
                setting + " is chosen when " + when + ". Nothing was changed.");
    }

    private void checkTrusted(Reader caller, Setting setting) throws SQLException {
        if (!sessionOf(caller).commands().isTrusted()) {
            throw EngineError.NOT_AUTHORISED.exception("User " + caller.user() + " may not set " + setting
                    + ", a setting of the whole database. Nothing was changed. An administrator can GRANT LOCK_SYSTEM TO "
                    + caller.user() + ".");
        }
    }

    private StorageSession sessionOf(Reader caller) {
        return storage.sessions().stream()
                .filter(candidate -> candidate.id() == caller.session())
                .findFirst()
                .orElseThrow(() -> new AssertionError("a session that runs a statement is open"));
    }
}
