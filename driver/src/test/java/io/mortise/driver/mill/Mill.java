package io.mortise.driver.mill;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients in one database, window after window. What they do follows from the seed; when they meet does not, so a seed
 * that failed may have to be run more than once. One thread, beside those of the clients.
 */
final class Mill implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final int TRANSACTIONS = 200;

    private final Field field;
    private final Connection first;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private int[] versions;
    private long committed;

    /** @param url of a database in memory; a wait for a lock has to have time */
    Mill(Field field, String url, long seed) throws SQLException {
        this.field = field;
        this.first = DriverManager.getConnection(url, "sa", "");
        field.create(first);
        AtomicInteger numbers = new AtomicInteger();
        for (int i = 0; i < CLIENTS; i++) {
            Connection connection = DriverManager.getConnection(url, "sa", "");
            connections.add(connection);
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            connection.setAutoCommit(false);
            clients.add(new Client(connection, field, new Random(seed * CLIENTS + i), numbers));
        }
        fill(numbers);
        versions = versions();
    }

    private void fill(AtomicInteger numbers) throws SQLException {
        try (Statement statement = first.createStatement()) {
            for (int row = 0; row < field.rows(); row++) {
                int parent = field.parent(row);
                String name = field.name(row) == null ? "NULL" : "'" + field.name(row) + "'";
                int number = numbers.incrementAndGet();
                int version = field.isMoving() ? 2 * number + field.group(row) : number;
                statement.execute("INSERT INTO " + field.table(row) + " VALUES (" + row + ", " + version + ", 0, "
                        + field.group(row) + ", " + name + ", " + (parent < 0 ? "NULL" : parent) + ", "
                        + (field.isLarge() ? "'" + ("text of " + version + " ").repeat(30) + "'" : "NULL") + ", NULL)");
            }
        }
    }

    private int[] versions() throws SQLException {
        int[] found = new int[field.rows()];
        for (int table = 0; table < field.tables(); table++) {
            try (Statement statement = first.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT ID, V FROM T" + table)) {
                while (rows.next()) {
                    found[rows.getInt(1)] = rows.getInt(2);
                }
            }
        }
        return found;
    }

    /** Lets them run. Returns what is wrong with it, for people to read; empty if nothing is. */
    String wrongInNext() throws SQLException {
        int[] before = versions;
        List<Past> all = letRun();
        versions = versions();
        committed += all.size();
        return new Window(all, before, versions).wrong();
    }

    private List<Past> letRun() {
        List<Callable<List<Past>>> work = new ArrayList<>();
        for (Client client : clients) {
            work.add(() -> client.run(TRANSACTIONS));
        }
        List<Past> all = new ArrayList<>();
        try {
            for (Future<List<Past>> each : threads.invokeAll(work)) {
                all.addAll(each.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a client failed", e);
        }
        return all;
    }

    long committed() {
        return committed;
    }

    int refused() {
        return clients.stream().mapToInt(Client::refused).sum();
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Connection connection : connections) {
            connection.close();
        }
        first.close();
    }
}
