package io.mortise.application;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A place in somebody's program. */
public final class Application {
    private Application() {}

    public static Connection opens(String url) throws SQLException {
        return DriverManager.getConnection(url);
    }
}
