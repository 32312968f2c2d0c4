package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A write fails, and a session goes in that moment: everybody comes back. */
@Timeout(120)
final class FailedStoreTest {
    @TempDir
    private Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task);
        thread.setDaemon(true); // What hangs is a failure here, and nobody else's trouble.
        return thread;
    });

    @BeforeEach
    void aDiskThatCanBeFull() {
        TightPath.mount();
    }

    @AfterEach
    void itHasRoomAgain() {
        TightPath.setRoom(Long.MAX_VALUE);
        threads.shutdownNow();
    }

    /**
     * H2 gives up the database under its own monitor, with the store's mutex, and holds the same monitor while a
     * session goes. One whose roll-back was skipped, because of the failure before, is rolled back there.
     */
    @Test
    void aSessionThatGoesBesideAFailedWriteDoesNotWaitForIt() throws Exception {
        Connection writer = connectWithTable();
        Connection other = connect();
        Connection killer = connect();
        run(other, "UPDATE R SET P = 'other' WHERE ID = 2");
        run(writer, "UPDATE R SET P = 'writer' WHERE ID = 1");
        SessionLocal session = (SessionLocal) other.unwrap(JdbcConnection.class).getSession();
        CountDownLatch fails = TightPath.nextWriteFails();
        Future<?> commit = threads.submit(() -> quietly(writer::commit));
        TightPath.awaitWrite();
        session.getDatabase().setBackgroundException(DbException.get(ErrorCode.IO_EXCEPTION_1, "the test's own"));
        Thread[] closing = new Thread[1];
        Future<?> close = threads.submit(() -> {
            closing[0] = Thread.currentThread();
            quietly(() -> run(killer, "CALL ABORT_SESSION(" + session.getId() + ")"));
        });
        awaitWaiting(closing);
        fails.countDown();

        close.get(30, TimeUnit.SECONDS);
        commit.get(30, TimeUnit.SECONDS);

        quietly(writer::close);
        quietly(other::close);
        quietly(killer::close);
        isAsBefore();
    }

    private static void awaitWaiting(Thread[] thread) {
        while (thread[0] == null
                || thread[0].getState() != Thread.State.WAITING && thread[0].getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private interface Call {
        void call() throws SQLException;
    }

    private static void quietly(Call call) {
        try {
            call.call();
        } catch (SQLException e) {
            assertThat((Throwable) e).isNotNull(); // The database has failed: which error says so is another's test.
        }
    }

    private Connection connectWithTable() throws SQLException {
        Connection connection = connect();
        run(connection, "CREATE TABLE R(ID INT PRIMARY KEY, P VARCHAR)");
        run(connection, "INSERT INTO R VALUES(1, 'first'), (2, 'first')");
        connection.commit();
        run(connection, "CHECKPOINT SYNC");
        return connection;
    }

    private void isAsBefore() throws SQLException {
        TightPath.setRoom(Long.MAX_VALUE);
        try (Connection again = connect();
                Statement statement = again.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM R WHERE P = 'first'")) {
            rows.next();
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection(
                "jdbc:mortise:h2:tight:" + folder.resolve("db") + ";WRITE_DELAY=0", "sa", "");
        connection.setAutoCommit(false);
        return connection;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
