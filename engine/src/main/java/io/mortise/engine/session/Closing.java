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
            if (wasInterrupted(e)) {
                Thread.currentThread().interrupt();
            } else {
                failure = e;
            }
        } finally {
            done.countDown();
        }
    }

    /** Then H2 has written everything, left out to tidy the file, taken the flag down, and closed all the same. */
    private static boolean wasInterrupted(SQLException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
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
