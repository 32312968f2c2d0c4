package io.mortise.driver.waits;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** One of the two engines that play a scene. */
enum Side {
    PLAIN_H2("jdbc:h2:mem:") {
        private static final Set<String> WAITS = Set.of("waitForThisToEnd", "doLock1");

        @Override
        WaitSignal signal(Connection connection) {
            // Plain H2 tells nobody that a thread waits, so this looks until the thread's stack says it.
            return thread -> {
                while (!standsInAWait(thread)) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException("the test has lost patience");
                    }
                    Thread.onSpinWait();
                }
            };
        }

        private static boolean standsInAWait(Thread thread) {
            return Arrays.stream(thread.getStackTrace())
                    .anyMatch(frame ->
                            frame.getClassName().startsWith("org.h2.") && WAITS.contains(frame.getMethodName()));
        }
    },
    MORTISE("jdbc:mortise:mem:") {
        @Override
        WaitSignal signal(Connection connection) throws SQLException {
            Session session = connection.unwrap(Session.class);
            session.locks().setBarging(0); // Whoever is first in line is served first, always.
            Signals signals = new Signals(session.id());
            session.locks().addListener(signals);
            return thread -> signals.started.acquire();
        }
    };

    /** Returns when the thread of a session stands in a wait for a lock. */
    interface WaitSignal {
        void await(Thread thread) throws InterruptedException;
    }

    private static final class Signals implements LockListener {
        final Semaphore started = new Semaphore(0);
        private final int session;

        Signals(int session) {
            this.session = session;
        }

        @Override
        public void waitStarted(LockRow request) {
            if (request.owner().session() == session) {
                started.release();
            }
        }
    }

    private final String url;

    Side(String url) {
        this.url = url;
    }

    Connection connect(String database, String settings) throws SQLException {
        return DriverManager.getConnection(url + database + settings, "sa", "");
    }

    abstract WaitSignal signal(Connection connection) throws SQLException;

    boolean isPlain() {
        return this == PLAIN_H2;
    }

    /** What this side does, of what the two do. */
    <T> T does(T plain, T mortise) {
        return isPlain() ? plain : mortise;
    }
}
