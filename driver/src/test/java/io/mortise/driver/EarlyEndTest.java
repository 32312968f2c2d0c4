package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A statement is told to end at any moment: before it has begun, between its entry and its first step, or in its wait
 * for a lock. It never waits until the lock timeout then. Runs again with {@code -Dseed=}.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class EarlyEndTest {
    private static final String URL = "jdbc:mortise:mem:early;LOCK_TIMEOUT=100000";
    private static final int LOCK_TIMEOUT = 50200;
    private static final int TIMES = 500;

    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private final long seed = Long.getLong("seed", 1);
    private final Random random = new Random(seed);
    private Connection holder;

    @BeforeEach
    void aRowThatIsHeld() throws SQLException {
        holder = DriverManager.getConnection(URL, "sa", "");
        try (Statement statement = holder.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO T VALUES (1, 1)");
            holder.setAutoCommit(false);
            statement.execute("UPDATE T SET V = 2");
        }
    }

    @AfterEach
    void close() throws SQLException {
        other.shutdownNow();
        holder.close();
    }

    private static int errorOf(Statement statement) {
        try {
            statement.execute("UPDATE T SET V = 3 WHERE ID = 1");
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }

    private void aMomentLater() {
        long until = System.nanoTime() + random.nextInt(300_000);
        while (System.nanoTime() - until < 0) {
            Thread.onSpinWait();
        }
    }

    private interface End {
        void end(Connection connection) throws SQLException;
    }

    private void endsEarly(End end) throws Exception {
        for (int i = 0; i < TIMES; i++) {
            Connection connection = DriverManager.getConnection(URL, "sa", "");
            Statement statement = connection.createStatement();
            Future<Integer> error = other.submit(() -> errorOf(statement));
            aMomentLater();

            end.end(connection);

            assertThat(error.get()).as("attempt %d, -Dseed=%d", i, seed).isNotIn(0, LOCK_TIMEOUT);
        }
    }

    @Test
    void byTheCloseOfItsConnection() throws Exception {
        endsEarly(Connection::close);
    }

    @Test
    void byAnAbortOfItsConnection() throws Exception {
        endsEarly(connection -> connection.abort(Runnable::run));
    }
}
