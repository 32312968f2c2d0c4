package io.mortise.told;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.driver.MortiseDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The life of a pool, much faster than in production: connections come and go, forget to commit, run into limits, are
 * evicted and aborted; and the database restarts every day. What was acknowledged is there in the end, and nobody is
 * left behind.
 */
@Timeout(600)
final class PoolLifeTest {
    private static final int THREADS = 6;
    private static final int ROWS = 5;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final long seed = Long.getLong("seed", 1);
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong inDoubt = new AtomicLong();

    private String url() {
        return "jdbc:mortise:file:" + folder.resolve("shop") + ";WRITE_DELAY=0;LOCK_TIMEOUT=200;LOG_WAIT=0";
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

    private Connection alone() throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url());
        source.setUser("sa");
        return source.getConnection();
    }

    private HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url() + ";IDLE_BLOCKER_TIMEOUT=100;QUERY_TIMEOUT=2000");
        config.setUsername("sa");
        config.setAutoCommit(false);
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(1);
        return new HikariDataSource(config);
    }

    @Test
    void threeDays() throws Exception {
        live(3, 60);
    }

    @Test
    @Tag("nightly")
    void aWeek() throws Exception {
        live(7, 2_000);
    }

    private void live(int days, int rounds) throws Exception {
        System.out.println("seed " + seed);
        try (Connection first = alone()) {
            run(first, "CREATE TABLE T(ID INT PRIMARY KEY, V BIGINT)");
            for (int row = 0; row < ROWS; row++) {
                run(first, "INSERT INTO T VALUES (" + row + ", 0)");
            }
        }
        for (int day = 0; day < days; day++) {
            try (HikariDataSource pool = pool()) {
                oneDay(pool, new Random(seed + day), rounds);
                try (Connection restart = alone();
                        Statement statement = restart.createStatement()) {
                    pool.getHikariPoolMXBean().softEvictConnections();
                    statement.execute("SHUTDOWN");
                }
            }
            try (Connection look = alone()) {
                assertThat(Long.parseLong(run(look, "SELECT SUM(V) FROM T")))
                        .as("seed " + seed + ", day " + day)
                        .isBetween(acknowledged.get(), acknowledged.get() + inDoubt.get());
                assertThat(run(look, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("1");
                assertThat(run(look, "SELECT COUNT(*) FROM SYS.LOCK_WAITS")).isEqualTo("0");
            }
        }
    }

    private void oneDay(HikariDataSource pool, Random random, int rounds) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random own = new Random(random.nextLong());
                tasks.add(() -> {
                    for (int round = 0; round < rounds; round++) {
                        oneRequest(pool, own);
                    }
                    return null;
                });
            }
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void oneRequest(HikariDataSource pool, Random random) {
        boolean isCommitting = false;
        try (Connection connection = pool.getConnection()) {
            int changes = 1 + random.nextInt(2);
            for (int i = 0; i < changes; i++) {
                run(connection, "UPDATE T SET V = V + 1 WHERE ID = " + random.nextInt(ROWS));
            }
            switch (random.nextInt(10)) {
                case 0 -> connection.rollback();
                case 1 -> run(connection, "SELECT COUNT(*) FROM T"); // And forgets to commit.
                case 2 -> pool.evictConnection(connection);
                case 3 -> connection.abort(Runnable::run);
                default -> {
                    isCommitting = true;
                    connection.commit();
                    acknowledged.addAndGet(changes);
                    isCommitting = false;
                }
            }
        } catch (SQLException expected) { // Deadlocks, timeouts, limits: the next request goes on.
            if (isCommitting) {
                inDoubt.addAndGet(2);
            }
        }
    }
}
