package io.mortise.bench.watch;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Sessions that are connected beside those who work: some hold a row, some wait for it, the rest are idle. One thread
 * makes and closes it.
 */
public final class Crowd implements AutoCloseable {
    private static final int HOLDERS = 10;

    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService waiters = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "crowd");
        thread.setDaemon(true);
        return thread;
    });
    private int waiting;

    /** Makes connections of one kind. */
    @FunctionalInterface
    public interface Door {
        Connection open() throws SQLException;
    }

    private Crowd() {}

    /** So many sessions, of which so many wait; returns once all of these do. */
    public static Crowd of(Door door, int sessions, int waiting) throws SQLException {
        Crowd crowd = new Crowd();
        try {
            for (int i = 0; i < sessions; i++) {
                crowd.connections.add(door.open());
            }
            crowd.gather(Math.max(0, Math.min(waiting, sessions - HOLDERS - 1)));
            return crowd;
        } catch (SQLException | RuntimeException e) {
            crowd.close();
            throw e;
        }
    }

    private void gather(int wanted) throws SQLException {
        try (Statement statement = connections.get(0).createStatement()) {
            statement.execute("CREATE TABLE CROWD(ID INT PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO CROWD SELECT X, 0 FROM SYSTEM_RANGE(1, " + HOLDERS + ")");
        }
        for (int i = 1; i <= HOLDERS; i++) {
            take(connections.get(i), i);
        }
        for (int i = HOLDERS + 1; i <= HOLDERS + wanted; i++) {
            Connection connection = connections.get(i);
            int row = i % HOLDERS + 1;
            waiters.execute(() -> {
                try {
                    take(connection, row);
                } catch (SQLException closed) {
                    // The crowd goes home.
                    assert closed.getMessage() != null;
                }
            });
        }
        try (Statement statement = connections.get(0).createStatement()) {
            while (waiting < wanted) {
                try (ResultSet count =
                        statement.executeQuery("SELECT COUNT(*) FROM SYS.SESSIONS WHERE STATE = 'LOCK WAIT'")) {
                    count.next();
                    waiting = count.getInt(1);
                }
            }
        }
    }

    private static void take(Connection connection, int row) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCK_TIMEOUT 86400000");
            statement.executeUpdate("UPDATE CROWD SET V = V + 1 WHERE ID = " + row);
        }
    }

    /** How many wait. */
    public int waiting() {
        return waiting;
    }

    /** Ends the holders last, so that nobody is granted anything on the way. */
    @Override
    public void close() throws SQLException {
        for (int i = connections.size() - 1; i >= 0; i--) {
            connections.get(i).close();
        }
        waiters.shutdown();
    }
}
