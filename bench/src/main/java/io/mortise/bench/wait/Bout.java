package io.mortise.bench.wait;

import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workloads;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** A holder of a row, a waiter for it, and a third who ends the wait. One thread at a time, besides the waiter's own. */
public final class Bout implements AutoCloseable {
    /** Long enough for a statement to have come to its wait; nothing measured depends on it being exact. */
    private static final long SETTLE_NANOS = 20_000_000;
    /** A wait that lasts longer than this is called not ended; it is longer than the lock timeout of all that have one. */
    private static final long PATIENCE_SECONDS = 4;

    private static final String DATABASE = "endings";

    private final Competitor competitor;
    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    final Thread waiterThread;
    final Connection holder;
    final Connection third;
    Connection waiter;

    public Bout(Competitor competitor) throws SQLException {
        this.competitor = competitor;
        this.holder = competitor.connect(DATABASE);
        this.third = competitor.connect(DATABASE);
        this.waiter = competitor.connect(DATABASE);
        this.waiterThread =
                CompletableFuture.supplyAsync(Thread::currentThread, executor).join();
        Workloads.makeTables(holder, 10);
        holder.setAutoCommit(false);
    }

    /** How long the blow took to end the wait, in milliseconds; empty if it did not. */
    public OptionalDouble time(Blow blow) throws Exception {
        waiter = competitor.connect(DATABASE);
        waiter.setAutoCommit(false);
        try {
            update(holder, 1);
            return OptionalDouble.of(blow.strike(this) / 1e6);
        } catch (TimeoutException | SQLFeatureNotSupportedException ignored) {
            return OptionalDouble.empty();
        } finally {
            holder.rollback();
            executor.submit(this::dropWaiter).get();
        }
    }

    // On the waiter's own thread, so after whatever it was at.
    private boolean dropWaiter() throws SQLException {
        boolean wasInterrupted = Thread.interrupted();
        if (!waiter.isClosed()) {
            waiter.rollback();
            waiter.close();
        }
        return wasInterrupted;
    }

    /** Lets the waiter ask for a row, by a statement of its own; its future is when that failed. */
    Future<Long> waits(Statement statement, int row) {
        Future<Long> wait = executor.submit(() -> failure(statement, row));
        LockSupport.parkNanos(SETTLE_NANOS);
        return wait;
    }

    /** When the wait ended. */
    static long end(Future<Long> wait) throws Exception {
        return wait.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The first column of the first row. */
    static int number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static void update(Connection connection, int row) throws SQLException {
        execute(connection, sql(row));
    }

    /** When the update failed, 0 if it did not. */
    static long failure(Statement statement, int row) {
        try {
            statement.executeUpdate(sql(row));
            return 0;
        } catch (SQLException expected) {
            return System.nanoTime();
        }
    }

    private static String sql(int row) {
        return "UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = " + row;
    }

    @Override
    public void close() throws SQLException {
        executor.shutdown();
        holder.close();
        third.close();
        competitor.drop(DATABASE);
    }
}
