package io.mortise.driver.integrity;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What each test of serializable transactions does. Stateless. */
final class Statements {
    private Statements() {}

    /** The connection, which begins a serializable transaction with its next statement. */
    static Connection serializable(Connection connection) throws SQLException {
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setAutoCommit(false);
        return connection;
    }

    static void execute(Connection connection, String... all) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : all) {
                statement.execute(sql);
            }
        }
    }
}
