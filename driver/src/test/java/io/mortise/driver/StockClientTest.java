package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients of older H2 versions, from their own jars (the build copies them into target/stock), at a database that is
 * served.
 */
@Timeout(120)
final class StockClientTest {
    private static final String WAITS = "SELECT LOCK_TYPE || ' ' || LOCK_LEVEL || ' ' || ROW_KEY || ' ' || STATUS"
            + " FROM IPE_ALLLOCKS WHERE TABLE_NAME = 'T' AND ROW_KEY IS NOT NULL ORDER BY STATUS";

    @ParameterizedTest(name = "51 a stock client {0} sees holder and waiter, and steers them")
    @ValueSource(strings = {"2.1.214", "2.3.232"})
    void aStockClientSeesHolderAndWaiterAndSteersThem(String version) throws Exception {
        String name = "mem:" + UUID.randomUUID();
        try (Connection holder = DriverManager.getConnection("jdbc:mortise:" + name + ";SERVE=tcp:0", "sa", "");
                Connection waiter =
                        DriverManager.getConnection("jdbc:mortise:" + name + ";LOCK_TIMEOUT=60000", "sa", "");
                URLClassLoader loader = jar(version);
                Connection stock = connect(loader, "jdbc:h2:tcp://localhost:" + port(holder) + "/" + name);
                Background thread = new Background("waiter")) {
            assertThat(stock.getMetaData().getDriverVersion()).startsWith(version);
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO T VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET V = 1");
            WaitWitness witness = WaitWitness.over(holder);
            Future<String> update = thread.starts(() -> run(waiter, "UPDATE T SET V = 2"));
            witness.awaitNext();

            assertThat(run(stock, WAITS)).isEqualTo("EX ROW ID=1 GRANTED, EX ROW ID=1 PENDING");
            assertThat(run(stock, "SELECT COUNT(*) FROM SYS.LOCK_WAITS")).isEqualTo("1");
            String session = run(stock, "SELECT SESSION FROM SYS.LOCKS WHERE STATUS = 'PENDING'");
            run(stock, "UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + session);

            assertThat(Background.failure(update).getSQLState()).isEqualTo("57014");
            holder.rollback();
        }
    }

    private static URLClassLoader jar(String version) throws Exception {
        Path jar = Path.of("target", "stock", "h2-" + version + ".jar").toAbsolutePath();
        assertThat(jar).as("copied before the tests").exists();
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    private static Connection connect(ClassLoader loader, String url) throws Exception {
        Driver driver = (Driver)
                loader.loadClass("org.h2.Driver").getDeclaredConstructor().newInstance();
        Properties user = new Properties();
        user.setProperty("user", "sa");
        return driver.connect(url, user);
    }

    private static String port(Connection connection) throws SQLException {
        return run(connection, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")
                .substring("tcp:".length());
    }

    /** The first column of all rows, or the number of rows changed. */
    private static String run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            StringBuilder cells = new StringBuilder();
            try (ResultSet rows = statement.getResultSet()) {
                while (rows.next()) {
                    cells.append(cells.isEmpty() ? "" : ", ").append(rows.getString(1));
                }
            }
            return cells.toString();
        }
    }
}
