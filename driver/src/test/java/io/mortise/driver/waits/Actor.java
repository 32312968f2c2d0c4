package io.mortise.driver.waits;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A session and the thread that runs its statements. For the test's thread only. */
final class Actor implements AutoCloseable {
    private final Connection connection;
    private final ExecutorService executor;
    private final Thread thread;
    private final Side.WaitSignal waiting;
    private final int id;
    private volatile boolean flag;

    Actor(String name, Connection connection, Side side) throws SQLException {
        this.connection = connection;
        this.executor = Executors.newSingleThreadExecutor(work -> new Thread(work, name));
        this.thread =
                CompletableFuture.supplyAsync(Thread::currentThread, executor).join();
        this.waiting = side.signal(connection);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("CALL SESSION_ID()")) {
            row.next();
            this.id = row.getInt(1);
        }
        connection.commit();
    }

    int id() {
        return id;
    }

    Connection connection() {
        return connection;
    }

    Thread thread() {
        return thread;
    }

    /** Runs a statement that is not to wait; returns the rows it changed. */
    int runs(String sql) throws Exception {
        return starts(sql).result();
    }

    /** Begins a statement; returns when it stands in a wait. */
    Attempt waits(String sql) throws Exception {
        return waits(() -> execute(sql));
    }

    /** The same on a statement that the test keeps. */
    Attempt waits(Statement statement, String sql) throws Exception {
        return waits(() -> execute(statement, sql));
    }

    /** The same for what is more than a statement. */
    Attempt waits(Callable<Integer> work) throws Exception {
        Attempt attempt = starts(work);
        waiting.await(thread);
        return attempt;
    }

    /** Begins a statement. */
    Attempt starts(String sql) {
        return starts(() -> execute(sql));
    }

    /** The same for what is more than a statement. */
    Attempt starts(Callable<Integer> work) {
        return new Attempt(executor.submit(() -> {
            try {
                return work.call();
            } finally {
                flag = Thread.interrupted();
            }
        }));
    }

    /** On the caller's thread, while its own may be at something. */
    int executeElsewhere(String sql) throws SQLException {
        return execute(sql);
    }

    /** On the caller's thread, which is to be the actor's. */
    int execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return execute(statement, sql);
        }
    }

    private static int execute(Statement statement, String sql) throws SQLException {
        return statement.execute(sql) ? 0 : statement.getUpdateCount();
    }

    <T> T does(Callable<T> work) throws Exception {
        return executor.submit(work).get();
    }

    /** Did its thread carry the flag of an interrupt when its last statement was over? */
    boolean wasInterrupted() {
        return flag;
    }

    void commits() throws Exception {
        does(() -> {
            connection.commit();
            return true;
        });
    }

    void rollsBack() throws Exception {
        does(() -> {
            connection.rollback();
            return true;
        });
    }

    @Override
    public void close() throws Exception {
        executor.shutdown();
        connection.close();
    }
}
