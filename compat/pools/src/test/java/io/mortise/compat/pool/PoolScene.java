package io.mortise.compat.pool;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A database with five rows, a worker thread, and statements that stay in flight. H2 finds {@link #running} here. */
public abstract class PoolScene {
    private static final Map<String, CountDownLatch> RUNNING = new ConcurrentHashMap<>();
    private static final Map<String, CountDownLatch> LET_GO = new ConcurrentHashMap<>();

    final String url = "jdbc:mortise:h2:mem:" + UUID.randomUUID();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @SuppressWarnings("NullAway.Init")
    Connection keeper;

    @BeforeEach
    final void open() throws Exception {
        keeper = DriverManager.getConnection(url, "sa", "");
        execute(keeper, "CREATE ALIAS RUNNING FOR \"io.mortise.compat.pool.PoolScene.running\"");
        execute(keeper, "CREATE ALIAS HELD FOR \"io.mortise.compat.pool.PoolScene.held\"");
        execute(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(keeper, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5)");
    }

    @AfterEach
    final void close() throws Exception {
        LET_GO.values().forEach(CountDownLatch::countDown);
        threads.shutdownNow();
        keeper.close();
    }

    /** Called by H2: tells the test that the statement runs. */
    public static int running(String name) {
        latch(RUNNING, name).countDown();
        return 1;
    }

    /** Called by H2: tells the same, and returns when the test says so. */
    public static int held(String name) throws InterruptedException {
        latch(RUNNING, name).countDown();
        latch(LET_GO, name).await();
        return 1;
    }

    private static CountDownLatch latch(Map<String, CountDownLatch> latches, String name) {
        return latches.computeIfAbsent(name, unused -> new CountDownLatch(1));
    }

    static boolean execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        }
    }

    static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getInt(1);
        }
    }

    static int sessionOf(Connection connection) throws SQLException {
        return number(connection, "SELECT SESSION_ID()");
    }

    /** Locks of other sessions than the keeper's. */
    int locks() throws SQLException {
        return number(keeper, "SELECT COUNT(*) FROM IPE_ALLLOCKS WHERE SESSION <> SESSION_ID()");
    }

    /** Returns when somebody waits for a lock. An interrupt, as a test's timeout is one, ends it. */
    void awaitLockWait() throws Exception {
        while (number(keeper, "SELECT COUNT(*) FROM IPE_ALLLOCKS WHERE STATUS = 'PENDING'") == 0) {
            Thread.onSpinWait();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** A statement in flight: what it returns, and the word that lets it go if it is one that waits for that. */
    record InFlight(Future<Integer> result, String name) {
        void letGo() {
            latch(LET_GO, name).countDown();
        }

        int value() throws Exception {
            return PoolScene.value(result);
        }

        /** What it ended in. */
        SQLException failure() throws InterruptedException {
            return PoolScene.failure(result);
        }
    }

    <T> Future<T> starts(Callable<T> step) {
        return threads.submit(step);
    }

    /** Starts a query on another thread that runs until it is ended. Returns when it runs. */
    @CanIgnoreReturnValue
    InFlight startEndless(Statement statement) throws InterruptedException {
        return start(statement, "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000000) WHERE RUNNING('%s') = 1");
    }

    /** Starts a query on another thread that cannot be ended and returns 1 when it is let go. Returns when it runs. */
    @CanIgnoreReturnValue
    InFlight startHeld(Statement statement) throws InterruptedException {
        return start(statement, "SELECT HELD('%s')");
    }

    private InFlight start(Statement statement, String sql) throws InterruptedException {
        String name = UUID.randomUUID().toString();
        Future<Integer> result = starts(() -> {
            try (ResultSet rows = statement.executeQuery(sql.formatted(name))) {
                rows.next();
                return rows.getInt(1);
            }
        });
        latch(RUNNING, name).await();
        return new InFlight(result, name);
    }

    static <T> T value(Future<T> step) throws Exception {
        try {
            return step.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    static SQLException failure(Future<?> step) throws InterruptedException {
        try {
            Object value = step.get();
            throw new AssertionError("it should have failed, but returned " + value);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                return failure;
            }
            throw new AssertionError(e.getCause());
        }
    }
}
