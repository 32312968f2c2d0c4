package io.mortise.driver;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What H2 calls in tests. {@code SELECT BRAKE('name')} stays in flight until the test lets it go. */
public final class Brake {
    private static final Map<String, Brake> BRAKES = new ConcurrentHashMap<>();

    private static final AtomicInteger INSIDE = new AtomicInteger();

    private static final ThreadLocal<Connection> OURS = new ThreadLocal<>();

    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch letGo = new CountDownLatch(1);

    private Brake() {}

    static Brake named(String name) {
        return BRAKES.computeIfAbsent(name, unused -> new Brake());
    }

    /** Called by H2. */
    public static int hold(String name) throws InterruptedException {
        Brake brake = named(name);
        brake.reached.countDown();
        brake.letGo.await();
        return 1;
    }

    /** The connection of the driver's that {@link #countAgain} uses on this thread. */
    static void use(Connection connection) {
        OURS.set(connection);
    }

    /** Called by H2, with H2's own connection. */
    public static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            result.next();
            return result.getInt(1);
        }
    }

    /** Called by H2; comes in again by the driver's connection. */
    public static int countAgain() throws SQLException {
        return count(OURS.get());
    }

    /** Called by H2. Fails if another thread is inside. */
    public static int alone() {
        if (INSIDE.incrementAndGet() != 1) {
            throw new IllegalStateException("two are inside");
        }
        INSIDE.decrementAndGet();
        return 1;
    }

    /** Returns once the statement is in flight. */
    void awaitReached() throws InterruptedException {
        reached.await();
    }

    void letGo() {
        letGo.countDown();
    }
}
