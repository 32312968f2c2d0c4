package io.mortise.driver;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The same for a client in another process: nothing but the wire tells it. */
final class LostTransactionOverTcpTest extends LostTransactionTest {
    @Override
    Connection client() throws SQLException {
        execute(keeper, "SET PARAMETER SERVE = 'tcp:0'");
        try (Statement statement = keeper.createStatement();
                ResultSet served =
                        statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
            served.next();
            String port = served.getString(1).replaceAll(".*:", "");
            String name = database.substring("jdbc:mortise:".length());
            return DriverManager.getConnection("jdbc:mortise:h2:tcp://localhost:" + port + "/" + name);
        }
    }
}
