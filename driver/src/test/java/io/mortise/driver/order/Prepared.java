package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A connection, and the statements that it has prepared: they are run again and again. One thread. */
final class Prepared {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<String, PreparedStatement> updatable = new HashMap<>();

    Prepared(Connection connection) {
        this.connection = connection;
    }

    Connection connection() {
        return connection;
    }

    PreparedStatement statement(String sql) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    /** One whose rows can be changed through its result. */
    PreparedStatement updatable(String sql) throws SQLException {
        PreparedStatement statement = updatable.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
            updatable.put(sql, statement);
        }
        return statement;
    }

    /** Closes them all: other words come. */
    void forget() throws SQLException {
        for (Map<String, PreparedStatement> each : List.of(statements, updatable)) {
            for (PreparedStatement statement : each.values()) {
                statement.close();
            }
            each.clear();
        }
    }
}
