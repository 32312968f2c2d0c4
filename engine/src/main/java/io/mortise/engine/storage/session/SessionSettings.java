package io.mortise.engine.storage.session;

import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.storage.serial.SerialSession;
import io.mortise.engine.storage.statement.RunningStatements;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;

/** The settings that a session keeps in storage: how each is put there, and how it is read. Stateless. */
public final class SessionSettings {
    private static final List<Row<?>> ROWS = List.of(
            new Row<>(
                    Setting.LOCK_TIMEOUT,
                    session -> OptionalInt.of(session.h2().getLockTimeout()),
                    (session, millis) -> session.setLockTimeout(
                            millis.orElseThrow(() -> new IllegalArgumentException("no LOCK_TIMEOUT")))),
            new Row<>(
                    Setting.DEADLOCK_PRIORITY,
                    session -> session.owner().deadlockPriority(),
                    (session, priority) -> session.owner().setDeadlockPriority(priority)),
            new Row<>(Setting.QUERY_TIMEOUT, Place::queryTimeout, Place::setQueryTimeout),
            new Row<>(
                    Setting.BIND_VALUES,
                    session -> session.statements().batch().isShowingValues(),
                    Place::setShowingValues),
            new Row<>(Setting.READ_ONLY, Place::isReadOnly, Place::setReadOnly),
            new Row<>(
                    Setting.DEFERRABLE,
                    session -> session.serial().safe().isDeferrable(),
                    (session, isDeferrable) -> session.serial().safe().setDeferrable(isDeferrable)));

    private SessionSettings() {}

    /** A session as the place where settings are put. */
    interface Place extends ClientSession {
        SessionLocal h2();

        void setLockTimeout(long millis);

        RunningStatements statements();

        SerialSession serial();
    }

    /** One setting. Immutable. */
    private record Row<T>(Setting<T> setting, Function<Place, T> reader, Putter<T> putter) {
        void put(Place session, String text) throws SQLException {
            putter.put(session, setting.parse(text));
        }

        void putGiven(Place session, Settings settings) throws SQLException {
            Optional<T> given = settings.given(setting);
            if (given.isPresent()) {
                putter.put(session, given.get());
            }
        }

        String read(Place session) {
            return setting.text(reader.apply(session));
        }
    }

    private interface Putter<T> {
        void put(Place session, T value) throws SQLException;
    }

    /** Those that a connection asks for, once, before the first statement. */
    static void apply(Settings settings, Place session) throws SQLException {
        if (settings.names().isEmpty()) {
            return;
        }
        for (Row<?> row : ROWS) {
            row.putGiven(session, settings);
        }
        String schema = settings.get(Setting.CURRENT_SCHEMA);
        if (!schema.isEmpty()) {
            session.connection().setSchema(schema);
        }
    }

    /** @param setting one that storage keeps */
    public static void put(Place session, Setting<?> setting, String text) throws SQLException {
        row(setting)
                .orElseThrow(() -> new AssertionError(setting + " has no row here"))
                .put(session, text);
    }

    /** The value as it is now; empty for one that storage does not keep. */
    public static Optional<String> read(Place session, Setting<?> setting) {
        return setting == Setting.CURRENT_SCHEMA
                ? Optional.of(session.h2().getCurrentSchemaName())
                : row(setting).map(row -> row.read(session));
    }

    private static Optional<Row<?>> row(Setting<?> setting) {
        for (Row<?> row : ROWS) {
            if (row.setting() == setting) {
                return Optional.of(row);
            }
        }
        return Optional.empty();
    }

    /**
     * A session that was closed meanwhile needs no limit; H2 asks its database for the longest one, and that is gone.
     */
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
