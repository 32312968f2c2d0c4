package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.api.Trigger;

/** What the database calls: a function and triggers that read and write on a connection of their own. Public for H2. */
public final class Called {
    private Called() {}

    /** How many rows have this in A. */
    public static int countA(Connection connection, Integer a) throws SQLException {
        return number(connection, "SELECT COUNT(*) FROM T WHERE A = " + a);
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Counts in a row of C what is written into T. */
    public static final class Counting implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            Object[] row = after == null ? before : after;
            try (PreparedStatement statement = connection.prepareStatement("UPDATE C SET N = N + 1 WHERE ID = ?")) {
                statement.setInt(1, ((Number) row[0]).intValue() % 3);
                statement.executeUpdate();
            }
        }
    }

    /** Writes into each row how many there are like it. */
    public static final class Looking implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            after[2] = number(connection, "SELECT COUNT(*) FROM T WHERE A = " + after[1]);
        }
    }
}
