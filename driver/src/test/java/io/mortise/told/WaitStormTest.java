package io.mortise.told;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A storm of waits for one session is one entry, which says how many there are. */
@Timeout(240)
final class WaitStormTest {
    private static final int CROWD = 30;
    /** Each has an entry; a machine that is busy with something else may need more than one. */
    private static final int MINUTES = 5;

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=600000;LOG_WAIT=1";
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Connection> connections = new ArrayList<>();

    @AfterEach
    void close() throws SQLException {
        for (Connection connection : connections) {
            connection.close();
        }
        threads.shutdown();
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        connections.add(connection);
        connection.setAutoCommit(false);
        return connection;
    }

    private Connection inAutocommit() throws SQLException {
        Connection connection = connect();
        connection.setAutoCommit(true);
        return connection;
    }

    private static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private Future<Integer> start(Connection connection, String sql) {
        return threads.submit(() -> run(connection, sql));
    }

    /** Given a permit for each wait that begins. */
    private static Semaphore waitsOf(Connection connection) throws SQLException {
        Semaphore waits = new Semaphore(0);
        connection.unwrap(Session.class).locks().addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                waits.release();
            }
        });
        return waits;
    }

    @Test
    void thirtyWaitersOfOneSessionAreOneEntryAMinuteWithTheirNumber() throws Exception {
        Connection holder = connect();
        Connection other = connect();
        Connection observer = connect();
        run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        run(holder, "CREATE TABLE U(ID INT PRIMARY KEY, V INT)");
        run(holder, "INSERT INTO T VALUES (1, 1), (2, 2)");
        run(holder, "INSERT INTO U VALUES (1, 1)");
        holder.commit();
        run(holder, "UPDATE T SET V = 5 WHERE ID = 1");
        run(other, "UPDATE U SET V = 5");
        List<Future<Integer>> crowd = new ArrayList<>();
        try (TestLog log = new TestLog("mortise.wait")) {
            log.stops();
            Future<Integer> first = start(inAutocommit(), "UPDATE U SET V = 6");
            assertThat(log.take()).contains("on PUBLIC.U"); // What is written next is made when the log goes on.
            Semaphore waits = waitsOf(observer);
            for (int i = 0; i < CROWD; i++) {
                crowd.add(start(inAutocommit(), "UPDATE T SET V = V + 1 WHERE ID = 1"));
            }
            waits.acquire(CROWD);
            log.goesOn();

            String told = log.take();
            run(observer, "UPDATE T SET V = 7 WHERE ID = 2"); // A wait for another session, on the same table.
            Future<Integer> last = start(inAutocommit(), "UPDATE T SET V = 8 WHERE ID = 2");
            List<String> aboutHolder = new ArrayList<>();
            for (; !told.contains("waiting  UPDATE T SET V = 8"); told = log.take()) {
                aboutHolder.add(told);
            }

            assertThat(aboutHolder)
                    .hasSizeBetween(1, MINUTES)
                    .allMatch(entry -> entry.contains("held by session"))
                    .allMatch(entry ->
                            entry.contains("\n  others   " + (CROWD - 1) + " more sessions wait for session "));
            rollBackAll(List.of(observer, other, holder));
            first.get();
            last.get();
            for (Future<Integer> one : crowd) {
                assertThat(one.get()).isEqualTo(1);
            }
        }
    }

    private static void rollBackAll(List<Connection> all) throws SQLException {
        for (Connection connection : all) {
            connection.rollback();
        }
    }
}
