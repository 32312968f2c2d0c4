package io.mortise.engine.storage.remote;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * What the other process says of a session as it begins. Immutable.
 *
 * @param policy its lock policy; empty if there is no lock engine in it
 */
record Peer(int session, String user, String catalog, boolean isReadOnly, String policy) {
    static Peer behind(Connection connection) throws SQLException {
        String policy = policy(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT SESSION_ID(), CURRENT_USER, CURRENT_CATALOG, READONLY()")) {
            row.next();
            return new Peer(row.getInt(1), row.getString(2), row.getString(3), row.getBoolean(4), policy);
        }
    }

    private static String policy(Connection connection) throws SQLException {
        String hasParameters =
                "SELECT 1 FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'SYS' AND TABLE_NAME = 'PARAMETERS'";
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(hasParameters)) {
                if (!row.next()) {
                    return "";
                }
            }
            try (ResultSet row =
                    statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'lock_policy'")) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    /** Why it reads no statement of this session's: a transaction that is lost reads none until it is rolled back. */
    Optional<SQLException> refusal(Connection connection) {
        if (hasEngine()) {
            try {
                connection.prepareStatement("CALL 1").close();
            } catch (SQLException refused) {
                return Optional.of(refused);
            }
        }
        return Optional.empty();
    }

    boolean hasEngine() {
        return !policy.isEmpty();
    }
}
