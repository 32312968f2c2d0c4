package io.mortise.compat.kit;

import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A query that stays in flight until it is let go, and then returns 1. Thread-safe. */
public final class HeldQuery implements AutoCloseable {
    private static final Map<String, HeldQuery> OPEN = new ConcurrentHashMap<>();

    private final String name = UUID.randomUUID().toString();
    private final CountDownLatch runs = new CountDownLatch(1);
    private final CountDownLatch mayEnd = new CountDownLatch(1);

    public HeldQuery(Database database) throws SQLException {
        database.run("CREATE ALIAS IF NOT EXISTS HELD FOR \"" + HeldQuery.class.getName() + ".held\"");
        OPEN.put(name, this);
    }

    /** Called by H2, on the thread that runs the query. */
    public static int held(String name) throws InterruptedException {
        HeldQuery query = OPEN.get(name);
        if (query != null) {
            query.runs.countDown();
            query.mayEnd.await();
        }
        return 1;
    }

    public String sql() {
        return "SELECT HELD('" + name + "')";
    }

    /** Returns when somebody runs it. */
    public void awaitRunning() throws InterruptedException {
        runs.await();
    }

    @Override
    public void close() {
        mayEnd.countDown();
        OPEN.remove(name);
    }
}
