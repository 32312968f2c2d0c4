package io.mortise.engine.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The end of a session: rolls back and closes, as soon as nothing runs in it. Thread-safe. */
final class Closing implements Runnable {
    private final Connection connection;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile @Nullable SQLException failure;

    Closing(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void run() {
        try {
            connection.close();
        } catch (SQLException e) {
            failure = e;
        } finally {
            done.countDown();
        }
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /** Waits so long at most; an interrupt ends the waiting only, and is left for the caller to see. */
    boolean await(long millis) {
        try {
            return done.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return isDone();
        }
    }

    void throwFailure() throws SQLException {
        SQLException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
