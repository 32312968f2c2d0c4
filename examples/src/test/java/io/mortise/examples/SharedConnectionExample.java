package io.mortise.examples;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/**
 * A test that fails, and ought to: it reads orders on one thread and marks them on another, through one connection.
 * With plain H2 nobody would have noticed until the day on which it matters. {@link SharedConnectionTest} runs it, for
 * its name keeps it from being run with the others, and looks whether it fails for this reason:
 *
 * <pre>
 * SESSION_IS_LOCKED: Session is locked by another thread. Session 3 has been running query 4 for 94 ms on thread "main"
 *   in flight  SELECT ID FROM ORDERS
 *   refused    UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1 on thread "sender"
 *   hint       give each thread a connection of its own, from a pool; or put SESSION_BUSY=WAIT in the URL, to queue instead of failing
 * </pre>
 *
 * <p>The cure is a connection for each thread, from a pool; {@code SESSION_BUSY=WAIT} lets them take turns instead,
 * which does not help here, where the reader waits for the sender.
 */
final class SharedConnectionExample {
    @Test
    void eachOrderIsSentWhileTheNextIsRead() throws Exception {
        // A result that is produced as it is read: its statement is in flight until the last row.
        String url = "jdbc:mortise:mem:orders;LAZY_QUERY_EXECUTION=1";
        try (Connection shared = DriverManager.getConnection(url, "sa", "");
                Statement statement = shared.createStatement()) {
            statement.execute("CREATE TABLE ORDERS(ID INT PRIMARY KEY, STATE VARCHAR(10))");
            statement.execute("INSERT INTO ORDERS SELECT X, 'NEW' FROM SYSTEM_RANGE(1, 100)");
            try (ResultSet orders = statement.executeQuery("SELECT ID FROM ORDERS")) {
                while (orders.next()) {
                    int order = orders.getInt(1);
                    CompletableFuture.runAsync(() -> send(shared, order), work -> new Thread(work, "sender").start())
                            .join();
                }
            }
        }
    }

    private static void send(Connection shared, int order) {
        try (Statement statement = shared.createStatement()) {
            statement.executeUpdate("UPDATE ORDERS SET STATE = 'SENT' WHERE ID = " + order);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }
}
