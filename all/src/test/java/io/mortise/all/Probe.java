package io.mortise.all;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ServiceLoader;

/**
 * A program that has a class path and JDBC: runs the statements it is given and prints what they return, a line each.
 */
public final class Probe {
    private Probe() {}

    /** @param arguments a URL and statements; another URL begins after {@code --} */
    public static void main(String[] arguments) throws SQLException {
        System.out.println(ServiceLoader.load(Driver.class).stream().count() + " "
                + DriverManager.drivers().count());
        for (String conversation : String.join("\n", arguments).split("\n--\n")) {
            String[] lines = conversation.split("\n");
            try (Connection connection = DriverManager.getConnection(lines[0], "sa", "")) {
                for (int i = 1; i < lines.length; i++) {
                    System.out.println(run(connection, lines[i]));
                }
            }
        }
    }

    private static String run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? String.valueOf(result.getString(1)) : "";
            }
        }
    }
}
