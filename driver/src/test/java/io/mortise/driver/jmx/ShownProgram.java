package io.mortise.driver.jmx;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** A program that holds a row of a database in memory, and serves nobody. */
public final class ShownProgram {
    private ShownProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:shop;JMX=TRUE", "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS VALUES (4711, 0)");
            connection.setAutoCommit(false);
            statement.execute("UPDATE T SET V = 1");
            System.out.println("holds");
            System.in.read();
            statement.execute("SELECT 1");
        } catch (java.sql.SQLException e) {
            System.out.println(e.getSQLState());
        }
    }
}
