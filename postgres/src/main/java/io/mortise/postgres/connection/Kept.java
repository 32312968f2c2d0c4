package io.mortise.postgres.connection;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which of our settings mean something on a server, and why the others do not: nothing is accepted and ignored.
 * Stateless.
 */
public final class Kept {
    /** The session room's own, or told to the server by the session. */
    private static final Set<String> KEPT = Set.of(
            "SESSION_ID",
            "SESSION_CHECK",
            "SESSION_TIMEOUT",
            "SESSION_BUSY",
            "SESSION_BUSY_TIMEOUT",
            "SESSION_BUSY_GRACE",
            "LOCK_TIMEOUT",
            "IDLE_IN_TRANSACTION_TIMEOUT",
            "TRANSACTION_TIMEOUT",
            "APPLICATION_NAME",
            "NETWORK_TIMEOUT",
            "QUERY_TIMEOUT",
            "CURRENT_SCHEMA",
            "BORROW_SITE",
            "READ_ONLY");

    private static final Map<String, String> REASONS = Map.of(
            "LOCK_POLICY", "PostgreSQL decides which locks a statement takes, and does so as mvcc does",
            "LOCK_BARGING", "PostgreSQL serves those who wait for a lock in its own order",
            "DEADLOCK_PRIORITY", "PostgreSQL chooses the victim of a deadlock itself",
            "SERVE", "PostgreSQL is the server: other processes connect to it",
            "IDLE_BLOCKER_TIMEOUT",
                    "nothing here is told when a session begins to keep another waiting;"
                            + " IDLE_IN_TRANSACTION_TIMEOUT is kept",
            "LOCK_LOG", "the server writes its own log: see log_lock_waits and deadlock_timeout",
            "DA_DUMP_LKTI", "the server writes its own log: see log_lock_waits and deadlock_timeout",
            "LOG_WAIT", "the server writes its own log: see log_lock_waits and deadlock_timeout",
            "BIND_VALUES", "the values of parameters are pgjdbc's");

    private static final String OTHERWISE = "it is a setting of the embedded engine";

    private Kept() {}

    /**
     * Refuses what a server cannot follow.
     *
     * @throws SQLException 22023, with the setting and the reason
     */
    public static void check(Settings settings) throws SQLException {
        for (Setting<?> setting : settings.names()) {
            Optional<String> why = refusal(setting, settings.text(setting));
            if (why.isPresent()) {
                throw EngineError.INVALID_SETTING_VALUE.exception(setting + "=" + settings.text(setting)
                        + " cannot be kept on PostgreSQL: " + why.get() + ". No connection was made. Leave " + setting
                        + " out.");
            }
        }
    }

    /** Why this setting cannot have this value; empty if it can. */
    public static Optional<String> refusal(Setting<?> setting, String value) {
        return value.equalsIgnoreCase(setting.defaultText()) || KEPT.contains(setting.name())
                ? Optional.empty()
                : Optional.of(REASONS.getOrDefault(setting.name(), OTHERWISE));
    }
}
