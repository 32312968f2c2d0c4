package io.mortise.engine.storage.remote;

import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.message.DbException;

/**
 * Where those who attach to a database stand in line to be looked at, one after another. After a wrong password H2
 * sleeps for up to four seconds, under a monitor of the whole process that the application itself needs to connect. Ten
 * strangers at once would keep it out for forty seconds; one of them keeps it out for four. Thread-safe.
 */
final class Door {
    private final long patienceMillis;
    private final Semaphore one = new Semaphore(1, true);

    Door(long patienceMillis) {
        this.patienceMillis = patienceMillis;
    }

    /** The calling thread is about to have H2 look at a user and a password; it gives way to {@link #leave} then. */
    void enter() {
        try {
            if (one.tryAcquire(patienceMillis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw DbException.convert(new SQLTransientConnectionException(
                "Too many are logging in to this database over the network. No connection was made. Try again later.",
                "08004",
                0));
    }

    void leave() {
        one.release();
    }
}
