package io.mortise.driver;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;

/** Knows how many sessions of a database have begun to wait for a lock, by whatever route they came. */
final class WaitWitness implements LockListener {
    private final Semaphore waits = new Semaphore(0);

    static WaitWitness over(Connection connection) throws SQLException {
        WaitWitness witness = new WaitWitness();
        connection.unwrap(Session.class).locks().addListener(witness);
        return witness;
    }

    @Override
    public void waitStarted(LockRow request) {
        waits.release();
    }

    /** Returns once another session than before has begun to wait. */
    void awaitNext() throws InterruptedException {
        waits.acquire();
    }
}
