package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One transaction holds very many row locks: the lock tables list them all, a row at a time, and hold nobody up. */
@Timeout(1200)
class ManyLocksTest {
    @Test
    void twentyThousandLocksAreListed() throws SQLException {
        list(20_000);
    }

    @Test
    @Tag("nightly")
    void aMillionLocksAreListed() throws SQLException {
        list(1_000_000);
    }

    @Test
    void locksAreReadFromStorageAsTheReaderGoesOn() throws SQLException {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        try (Connection holder = DriverManager.getConnection(url, "sa", "");
                Connection reader = DriverManager.getConnection(url, "sa", "")) {
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, A INT)");
            run(holder, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5000)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET A = 1");
            run(reader, "SET LAZY_QUERY_EXECUTION 1");

            int rows = 0;
            try (Statement statement = reader.createStatement();
                    ResultSet result = statement.executeQuery("SELECT * FROM SYS.LOCKS")) {
                rows += result.next() ? 1 : 0;
                holder.rollback();
                while (result.next()) {
                    rows++;
                }
            }

            assertThat(rows)
                    .as("those that had been read when the holder let go")
                    .isLessThan(2000);
        }
    }

    private static void list(int locks) throws SQLException {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        try (Connection holder = DriverManager.getConnection(url, "sa", "");
                Connection reader = DriverManager.getConnection(url, "sa", "");
                Connection other = DriverManager.getConnection(url, "sa", "")) {
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, A INT)");
            run(holder, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, " + (locks + 1) + ")");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET A = 1 WHERE ID <= " + locks);
            run(reader, "SET LAZY_QUERY_EXECUTION 1");
            for (String table :
                    new String[] {"IPE_ALLLOCKS WHERE LOCK_LEVEL = 'ROW'", "SYS.LOCKS WHERE TARGET_KIND = 'ROW'"}) {
                long before = System.nanoTime();
                assertThat(read(reader, "SELECT * FROM " + table, other))
                        .as(table)
                        .isEqualTo(locks);
                System.out.printf(
                        "%d locks of %s in %d ms%n",
                        locks, table, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
            }
            holder.rollback();
        }
    }

    /** Another session writes while the first row has been read and the last has not. */
    private static int read(Connection reader, String sql, Connection other) throws SQLException {
        int rows = 0;
        try (Statement statement = reader.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                if (rows++ == 0) {
                    run(other, "UPDATE T SET A = A + 1 WHERE ID = (SELECT MAX(ID) FROM T)");
                }
            }
        }
        return rows;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
