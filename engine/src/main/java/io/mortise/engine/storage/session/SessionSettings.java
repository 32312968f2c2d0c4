package io.mortise.engine.storage.session;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.setting.Setting;
import java.sql.SQLException;
import java.util.Map;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;

/** Puts the settings that a connection asked for into its session, once, before the first statement. */
final class SessionSettings {
    private SessionSettings() {}

    static void apply(Map<Setting, String> settings, ClientSession session) throws SQLException {
        String lockTimeout = settings.getOrDefault(Setting.LOCK_TIMEOUT, "");
        if (!lockTimeout.isEmpty()) {
            session.setLockTimeout(Long.parseLong(lockTimeout));
        }
        String priority = settings.getOrDefault(Setting.DEADLOCK_PRIORITY, "");
        if (!priority.isEmpty()) {
            session.owner().setDeadlockPriority(Integer.parseInt(priority));
        }
        String queryTimeout = settings.getOrDefault(Setting.QUERY_TIMEOUT, "");
        if (!queryTimeout.isEmpty()) {
            session.setQueryTimeout(Integer.parseInt(queryTimeout));
        }
        String schema = settings.getOrDefault(Setting.CURRENT_SCHEMA, "");
        if (!schema.isEmpty()) {
            session.connection().setSchema(schema);
        }
        session.setShowingValues(Boolean.parseBoolean(settings.getOrDefault(Setting.BIND_VALUES, "false")));
        session.setReadOnly(Boolean.parseBoolean(settings.getOrDefault(Setting.READ_ONLY, "false")));
    }

    /** A session that was closed meanwhile needs no limit; H2 asks its database for the longest one, and that is gone. */
    static void setQueryTimeout(SessionLocal h2, int millis) {
        try {
            h2.setQueryTimeout(millis);
        } catch (DbException e) {
            if (e.getErrorCode() != ErrorCode.DATABASE_IS_CLOSED) {
                throw e;
            }
        }
    }
}
