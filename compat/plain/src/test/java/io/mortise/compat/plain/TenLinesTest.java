package io.mortise.compat.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's ten lines, and the JUnit that is meant. */
class TenLinesTest {
    @Test
    void theyPrintWhatTheReadmeSays() throws Exception {
        List<String> printed = new ArrayList<>();
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
                printed.add(locks.getString(1) + " " + locks.getString(2) + " " + locks.getString(3));
            }
            connection.commit();
        }

        assertEquals(List.of("IX ORDERS null", "X ORDERS ID=1"), printed);
    }

    @Test
    void itIsTheOldestJUnit() {
        assertEquals(
                System.getProperty("junit.version"), Test.class.getPackage().getImplementationVersion());
    }
}
