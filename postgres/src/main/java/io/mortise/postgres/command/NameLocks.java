package io.mortise.postgres.command;

import io.mortise.engine.error.EngineError;
import io.mortise.postgres.command.Marked.Kind;
import io.mortise.postgres.lock.Look;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/**
 * Locks on names of the client's own: advisory locks of the server's, with two keys, a number that is ours and the
 * name's hash there. Two names with one hash are one lock. One thread at a time.
 */
final class NameLocks {
    private static final String GIVEN_BACK =
            "The lock was given back as the statement ended, because the session is in autocommit."
                    + " Nothing is locked any more. Turn autocommit off to hold it until COMMIT or ROLLBACK.";

    private final Room room;

    NameLocks(Room room) {
        this.room = room;
    }

    /** @param row the name, and milliseconds if they are given */
    Outcome of(Kind kind, List<String> row) throws SQLException {
        String name = row.get(0);
        if (name.equals(Performance.NULL)) {
            throw EngineError.INVALID_VALUE.exception("The name is NULL. Nothing was locked. Give a name.");
        }
        OptionalLong millis = OptionalLong.empty();
        if (row.size() > 1) {
            millis = OptionalLong.of(Performance.number(row.get(1)));
            if (millis.getAsLong() < 0) {
                throw EngineError.INVALID_VALUE.exception(
                        row.get(1) + " is not a number of milliseconds from 0 up. Nothing was locked.");
            }
        }
        int key = key(name);
        return switch (kind) {
            case ADVISORY_LOCK -> forTransaction(key, millis);
            case SESSION_LOCK -> forSession(key, millis);
            default -> unlock(key);
        };
    }

    private int key(String name) throws SQLException {
        try (PreparedStatement query = room.connection().prepareStatement("SELECT pg_catalog.hashtext(?)")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                room.nameIs(row.getInt(1), name);
                return row.getInt(1);
            }
        }
    }

    private static String keys(int key) {
        return "(" + Look.NAME_CLASS + ", " + key + ")";
    }

    private Outcome forTransaction(int key, OptionalLong millis) throws SQLException {
        new LockWait(room)
                .within(
                        millis,
                        () -> Performance.run(
                                room.connection(), "SELECT pg_catalog.pg_advisory_xact_lock" + keys(key)));
        if (room.connection().getAutoCommit()) {
            room.warn(GIVEN_BACK);
        }
        return answer("advisory_lock", true);
    }

    /** The server's timeout would spoil the transaction, if it were not caught there. */
    private Outcome forSession(int key, OptionalLong millis) throws SQLException {
        if (millis.isEmpty()) {
            Performance.run(room.connection(), "SELECT pg_catalog.pg_advisory_lock" + keys(key));
            return answer("session_lock", true);
        }
        if (millis.getAsLong() == 0) {
            return asked("pg_try_advisory_lock", key, "session_lock");
        }
        new LockWait(room)
                .within(
                        millis,
                        () -> Performance.run(
                                room.connection(),
                                "DO $$ BEGIN PERFORM pg_catalog.set_config('mortise.locked', 'true', false);"
                                        + " PERFORM pg_catalog.pg_advisory_lock" + keys(key)
                                        + "; EXCEPTION WHEN lock_not_available THEN"
                                        + " PERFORM pg_catalog.set_config('mortise.locked', 'false', false); END $$"));
        try (PreparedStatement query =
                        room.connection().prepareStatement("SELECT pg_catalog.current_setting('mortise.locked')");
                ResultSet row = query.executeQuery()) {
            row.next();
            return answer("session_lock", Boolean.parseBoolean(row.getString(1)));
        }
    }

    private Outcome unlock(int key) throws SQLException {
        return asked("pg_advisory_unlock", key, "session_unlock");
    }

    private Outcome asked(String function, int key, String column) throws SQLException {
        try (PreparedStatement query = room.connection().prepareStatement("SELECT pg_catalog." + function + keys(key));
                ResultSet row = query.executeQuery()) {
            row.next();
            return answer(column, row.getBoolean(1));
        }
    }

    private Outcome answer(String column, boolean value) throws SQLException {
        return Performance.answer(room.connection(), column, Boolean.toString(value), "bool");
    }
}
