package io.mortise.postgres.command;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalLong;

/**
 * Lets one statement wait for a lock as long as it says, and the next as long as the session has it. One thread at a
 * time.
 */
final class LockWait {
    private final Room room;

    /** What may wait. */
    interface Waiting {
        void run() throws SQLException;
    }

    LockWait(Room room) {
        this.room = room;
    }

    /** @param millis empty for as long as the session has it */
    void within(OptionalLong millis, Waiting what) throws SQLException {
        if (millis.isEmpty()) {
            what.run();
            return;
        }
        // In a transaction a failure undoes the setting, and nothing could undo it then but the roll-back that follows.
        boolean isLocal = !room.connection().getAutoCommit();
        room.waitsFor(millis);
        String before = set(Math.max(1, millis.getAsLong()) + "ms", isLocal);
        boolean isDone = false;
        try {
            what.run();
            isDone = true;
        } finally {
            if (isDone || !isLocal) {
                set(before, isLocal);
            }
        }
    }

    /** What it was before. */
    private String set(String value, boolean isLocal) throws SQLException {
        Connection connection = room.connection();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT b, pg_catalog.set_config('lock_timeout', ?, ?) FROM pg_catalog.current_setting('lock_timeout') b")) {
            query.setString(1, value);
            query.setBoolean(2, isLocal);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
