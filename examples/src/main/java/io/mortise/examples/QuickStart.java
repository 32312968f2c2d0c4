package io.mortise.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A pool, a table, and a look at the locks that an open transaction holds. */
public final class QuickStart {
    private QuickStart() {}

    public static void main(String[] args) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:mortise:mem:shop");
        config.setUsername("sa");
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE ORDERS(ID INT PRIMARY KEY, STATE VARCHAR(10))");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO ORDERS VALUES (1, 'NEW')");
            ResultSet locks = statement.executeQuery("SELECT MODE, TABLE_NAME, ROW_KEY FROM SYS.LOCKS");
            while (locks.next()) {
                System.out.println(locks.getString(1) + " " + locks.getString(2) + " " + locks.getString(3));
            }
            connection.commit();
        }
    }
}
