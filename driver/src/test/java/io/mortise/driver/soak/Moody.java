package io.mortise.driver.soak;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.api.DatabaseEventListener;

/** A listener of the user's that throws an exception now and then, and rarely an Error. For H2. */
public final class Moody implements DatabaseEventListener {
    private static final AtomicLong CALLS = new AtomicLong();

    /** For H2. */
    public Moody() {}

    @Override
    public void init(String url) {}

    @Override
    public void setProgress(int state, String name, long done, long all) {
        fail();
    }

    @Override
    public void exceptionThrown(SQLException e, String sql) {
        fail();
    }

    private static void fail() {
        long call = CALLS.incrementAndGet();
        if (Thread.currentThread().getName().startsWith("client-")) {
            if (call % 997 == 0) {
                throw new IllegalStateException("a listener's own exception");
            }
            if (call % 4999 == 0) {
                throw new InternalError("injected by the soak at a listener");
            }
        }
    }
}
