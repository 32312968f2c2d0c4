package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * H2 gathers statistics of a table behind the commit of its tenth change here, of its twentieth and so on. If a
 * definition is in the way of that, the change is committed all the same: it is not repeated, and nobody is told
 * otherwise.
 */
@Timeout(120)
final class CommittedOnceTest {
    private static final int TABLES = 80;
    private static final int CHANGES = 120;
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";ANALYZE_AUTO=10";

    @ParameterizedTest
    @ValueSource(ints = {2, 6, 8})
    void whatIsCommittedIsNotRepeated(int level) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Connection definer = connect(2);
                Connection first = connect(level);
                Connection second = connect(level);
                Connection third = connect(level);
                Connection observer = connect(2)) {
            for (int table = 0; table < TABLES; table++) {
                run(definer, "CREATE TABLE T(ID INT PRIMARY KEY, K INT, V INT)");
                run(definer, "INSERT INTO T SELECT X, X, 0 FROM SYSTEM_RANGE(1, 9)");
                List<Future<Long>> told = new ArrayList<>();
                for (Connection writer : List.of(first, second, third)) {
                    int key = told.size() + 1;
                    told.add(threads.submit(() -> changes(writer, key)));
                }
                while (!told.stream().allMatch(Future::isDone)) {
                    run(definer, "CREATE INDEX TK ON T(K)");
                    run(definer, "DROP INDEX TK");
                }
                for (int key = 1; key <= told.size(); key++) {
                    assertThat(value(observer, key)).isEqualTo(told.get(key - 1).get());
                }
                run(definer, "DROP TABLE T");
            }
        } finally {
            threads.shutdown();
        }
    }

    private Connection connect(int level) throws SQLException {
        Connection connection = DriverManager.getConnection(url, "sa", "");
        connection.setTransactionIsolation(level);
        return connection;
    }

    /** How often the client was told that it has changed the row. */
    private static Long changes(Connection connection, int key) throws SQLException {
        long told = 0;
        for (int i = 0; i < CHANGES; i++) {
            try {
                told += run(connection, "UPDATE T SET V = V + 1 WHERE K = " + key);
            } catch (SQLException refused) { // Its table has changed since the snapshot.
                assertThat(refused.getSQLState()).isEqualTo("40001");
            }
        }
        return told;
    }

    private static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static long value(Connection connection, int key) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT V FROM T WHERE ID = " + key)) {
            row.next();
            return row.getLong(1);
        }
    }
}
