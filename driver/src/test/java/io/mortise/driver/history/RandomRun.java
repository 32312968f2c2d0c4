package io.mortise.driver.history;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients let loose on a database of their own. What they do follows from the seed; when they meet does not, so a seed
 * that failed may have to be run more than once. Immutable.
 *
 * @param url of a database in memory, with {@code %s} for its name
 * @param level as SQL spells it
 */
record RandomRun(String url, String level, long seed, int clients, int transactions) {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    History play() throws SQLException {
        String database = url.formatted("history" + DATABASES.incrementAndGet()) + ";LOCK_TIMEOUT=60000";
        try (Connection first = DriverManager.getConnection(database, "sa", "")) {
            create(first);
            List<Past> all = letLoose(database);
            Map<Integer, List<Integer>> last =
                    Client.query(first, "SELECT ID, V FROM LISTS0 UNION ALL SELECT ID, V FROM LISTS1");
            return new History(all, last);
        }
    }

    private void create(Connection first) throws SQLException {
        try (Statement statement = first.createStatement()) {
            for (int table = 0; table < Client.TABLES; table++) {
                statement.execute("CREATE TABLE LISTS" + table
                        + "(ID INT PRIMARY KEY, NAME VARCHAR(9) UNIQUE, GRP INT, V VARCHAR)");
                if (seed % 2 == 1) {
                    statement.execute("CREATE INDEX GROUPS" + table + " ON LISTS" + table + "(GRP)");
                }
            }
        }
    }

    private List<Past> letLoose(String database) throws SQLException {
        AtomicInteger numbers = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Future<List<Past>>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Random random = new Random(seed * 1000 + i);
                running.add(threads.submit(client(database, random, numbers)));
            }
            List<Past> all = new ArrayList<>();
            for (Future<List<Past>> client : running) {
                all.addAll(client.get(120, TimeUnit.SECONDS));
            }
            return all;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("a client of " + this + " failed", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Callable<List<Past>> client(String database, Random random, AtomicInteger numbers) {
        return () -> {
            try (Connection connection = DriverManager.getConnection(database, "sa", "");
                    Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
                connection.setAutoCommit(false);
                return new Client(connection, random, numbers, level.equals("READ COMMITTED")).run(transactions);
            }
        };
    }
}
