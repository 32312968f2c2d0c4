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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * A holder of a row, a waiter for it, and a third who ends the wait. One thread at a time, besides the waiter's own.
 * Lost once a wait has not ended: what hangs cannot be closed.
 */
public final class Bout implements AutoCloseable {
    /** Long enough for a statement to have come to its wait; nothing measured depends on it being exact. */
    private static final long SETTLE_NANOS = 10_000_000;
    /**
     * A wait that lasts longer than this is called not ended; it is longer than the lock timeout of all that have one.
     */
    private static final long PATIENCE_SECONDS = 4;

    private static final String DATABASE = "endings";

    private final Competitor competitor;
    private final String database;
    private final ExecutorService waiting = daemon();
    private final ExecutorService striking = daemon();
    private final ExecutorService clearing = daemon();
    final Thread waiterThread;
    final Connection holder;
    final Connection third;
    Connection waiter;
    private boolean lost;

    /** @param number sets its database apart from those of bouts that were lost */
    public Bout(Competitor competitor, int number) throws SQLException {
        this.competitor = competitor;
        this.database = DATABASE + number;
        this.holder = competitor.connect(database);
        this.third = competitor.connect(database);
        this.waiter = third; // Until the first bout, which brings its own.
        this.waiterThread =
                CompletableFuture.supplyAsync(Thread::currentThread, waiting).join();
        Workloads.makeTables(holder, 10);
        holder.setAutoCommit(false);
    }

    private static ExecutorService daemon() {
        return Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "waiter");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Has a wait not ended, so that there is nothing more to be measured here? */
    public boolean isLost() {
        return lost;
    }

    /**
     * How long the blow took to end the wait, in milliseconds; empty if it did not.
     *
     * @throws SQLFeatureNotSupportedException if the database says that it has no such blow
     */
    public OptionalDouble time(Blow blow) throws Exception {
        waiter = competitor.connect(database);
        waiter.setAutoCommit(false);
        update(holder, 1);
        try {
            // Aside, for some blows wait for the end that they are to bring about.
            return OptionalDouble.of(
                    striking.submit(() -> blow.strike(this)).get(2 * PATIENCE_SECONDS, TimeUnit.SECONDS) / 1e6);
        } catch (TimeoutException e) {
            return OptionalDouble.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLFeatureNotSupportedException unsupported) {
                throw unsupported;
            }
            if (e.getCause() instanceof TimeoutException) {
                return OptionalDouble.empty();
            }
            throw e;
        } finally {
            lost = !letGo();
        }
    }

    /** False if the waiter waits on, though there is nothing any more to wait for. */
    private boolean letGo() throws InterruptedException, ExecutionException {
        Future<Boolean> done = clearing.submit(() -> {
            holder.rollback();
            return waiting.submit(this::dropWaiter).get();
        });
        try {
            done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    // On the waiter's own thread, so after whatever it was at.
    private Boolean dropWaiter() throws SQLException {
        boolean wasInterrupted = Thread.interrupted();
        if (!waiter.isClosed()) {
            waiter.rollback();
            waiter.close();
        }
        return wasInterrupted;
    }

    /** Lets the waiter ask for a row, by a statement of its own; its future is when that failed. */
    Future<Long> waits(Statement statement, int row) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1); // A thread of a pool forgets an interrupt that came before.
        Future<Long> wait = waiting.submit(() -> {
            begun.countDown();
            return failure(statement, row);
        });
        begun.await();
        LockSupport.parkNanos(SETTLE_NANOS);
        return wait;
    }

    /** When the wait ended. */
    static long end(Future<Long> wait) throws InterruptedException, ExecutionException, TimeoutException {
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
        waiting.shutdownNow();
        striking.shutdownNow();
        clearing.shutdownNow();
        if (!lost) {
            holder.close();
            third.close();
            competitor.drop(database);
        }
    }
}
