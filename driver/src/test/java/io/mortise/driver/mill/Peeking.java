package io.mortise.driver.mill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.h2.api.Trigger;

/** Keeps in an updated row which version of the next row, in the other table, its transaction sees. Stateless. */
public final class Peeking implements Trigger {
    private static final int ID = 0;
    private static final int PEEKED = 7;

    @Override
    public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
        try (PreparedStatement look = connection.prepareStatement("SELECT V FROM T1 WHERE ID = ?")) {
            look.setInt(1, (Integer) after[ID] + 1);
            ResultSet row = look.executeQuery();
            after[PEEKED] = row.next() ? row.getInt(1) : 0;
        }
    }
}
