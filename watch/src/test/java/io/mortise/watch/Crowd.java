package io.mortise.watch;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Many sessions of a shop: some hold, some wait, the rest are idle. */
public final class Crowd implements AutoCloseable {
    private final Shop shop;
    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "http-" + task.hashCode() % 100);
        thread.setDaemon(true);
        return thread;
    });
    private int waiting;

    public Crowd(Shop shop) {
        this.shop = shop;
    }

    /** So many new sessions do nothing. */
    public Crowd idle(int sessions) throws SQLException {
        for (int i = 0; i < sessions; i++) {
            connections.add(shop.open("sa", ""));
        }
        return this;
    }

    /** So many new sessions hold what this statement takes. */
    public Crowd hold(int sessions, String sql) throws SQLException {
        for (int i = 0; i < sessions; i++) {
            run(begin(), sql);
        }
        return this;
    }

    /** So many new sessions wait for what the last of these statements wants; returns when they do. */
    public Crowd queue(int sessions, String... statements) throws SQLException {
        for (int i = 0; i < sessions; i++) {
            Connection connection = begin();
            threads.execute(() -> {
                try {
                    for (String sql : statements) {
                        run(connection, sql);
                    }
                } catch (SQLException closed) {
                    assert closed.getMessage() != null; // The crowd goes home.
                }
            });
        }
        waiting += sessions;
        shop.awaitWaiting(waiting);
        return this;
    }

    private Connection begin() throws SQLException {
        Connection connection = shop.open("sa", "");
        connections.add(connection);
        connection.setAutoCommit(false);
        run(connection, "SET LOCK_TIMEOUT 3600000");
        return connection;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        for (int i = connections.size() - 1; i >= 0; i--) {
            connections.get(i).close();
        }
        threads.shutdown();
    }
}
