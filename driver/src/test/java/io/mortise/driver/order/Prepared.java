package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection, and the statements that it has prepared: they are run again and again. Plain H2 goes on with a list
 * where it has stopped; so it reads those anew that may have one. One thread.
 */
final class Prepared {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();
    private final Map<String, PreparedStatement> updatable = new HashMap<>();

    private final boolean isPlain;
    private @Nullable PreparedStatement notKept;

    Prepared(Connection connection, boolean isPlain) {
        this.connection = connection;
        this.isPlain = isPlain;
    }

    Connection connection() {
        return connection;
    }

    PreparedStatement statement(String sql) throws SQLException {
        if (isPlain && (sql.contains(" IN (") || sql.contains(" OR "))) {
            return once(sql);
        }
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        return statement;
    }

    private PreparedStatement once(String sql) throws SQLException {
        if (notKept != null) {
            notKept.close();
        }
        PreparedStatement statement = connection.prepareStatement(sql);
        notKept = statement;
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
