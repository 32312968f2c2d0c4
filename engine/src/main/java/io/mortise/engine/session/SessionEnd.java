package io.mortise.engine.session;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.mortise.engine.backend.ClientSession;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.gate.InFlightGate;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The end of a session: rolls back and closes, as soon as nothing runs in it. Thread-safe. */
final class SessionEnd implements Runnable {
    /** How long a close waits for a statement that it has cancelled, and for a roll-back. */
    static final long LONGEST_MILLIS = 2_000;

    /** A peer in another process that has not answered by then is not waited for. */
    private static final long PATIENCE_MILLIS = 1_500;

    /** To undo fewer changes than this takes no time worth a thread. */
    private static final long MANY_ROWS = 10_000;

    private static final CountDownLatch DONE = new CountDownLatch(0);

    private final ClientSession session;
    private final CountDownLatch done = new CountDownLatch(1);

    private volatile @Nullable SQLException failure;

    SessionEnd(ClientSession session) {
        this.session = session;
    }

    /**
     * Rolls back and closes. What is in flight is ended. Then this returns when the roll-back is done, after
     * {@code millis} at the latest. The rest goes on behind it, on the thread that ran the statement, or on one of its
     * own.
     */
    static void close(ClientSession session, InFlightGate gate, long millis) throws SQLException {
        SessionEnd closing = new SessionEnd(session);
        if (gate.inFlight().isEmpty()) {
            atLength(session, () -> gate.whenFree(closing));
            closing.await(millis);
            closing.throwFailure();
            return;
        }
        gate.whenFree(closing);
        if (!closing.isDone()) {
            WaitEnding ending = WaitEnding.of(WaitEnd.CONNECTION_CLOSED);
            if (session.told().isEmpty()) { // Else it is being ended already, and for a better reason.
                session.end(ending);
            }
            gate.endWaits(waiting -> true, ending);
            if (!closing.await(millis) && session.isElsewhere()) {
                closing.hangUp();
            }
        }
        closing.throwFailure();
    }

    @Override
    public void run() {
        Optional<Future<?>> limit =
                session.isElsewhere() ? Optional.of(Alarm.in(PATIENCE_MILLIS, this::hangUp)) : Optional.empty();
        try {
            session.connection().close();
            failure = session.lostWrites().orElse(null);
        } catch (SQLException e) {
            if (wasInterrupted(e)) {
                Thread.currentThread().interrupt();
            } else if (!session.isElsewhere() || session.isOpen()) {
                failure = e; // Else the line to another process was lost before, and there is nothing left to close.
            }
        } finally {
            done.countDown();
            limit.ifPresent(alarm -> alarm.cancel(false));
        }
    }

    /** The peer hears of it from its own end of the line, and rolls back. */
    void hangUp() {
        session.end(WaitEnding.of(WaitEnd.SESSION_CLOSED));
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
        return await(done, millis);
    }

    /**
     * Rolls back what a session has changed, on a thread of its own if that may take long: who closes a connection does
     * not wait for all of it.
     *
     * @return is at 0 when this is done
     */
    @CanIgnoreReturnValue
    static CountDownLatch atLength(ClientSession session, Runnable rollBack) {
        if (session.owner().rowsChanged() < MANY_ROWS) {
            rollBack.run();
            return DONE;
        }
        CountDownLatch done = new CountDownLatch(1);
        Runnable whole = () -> {
            try {
                rollBack.run();
            } finally {
                done.countDown();
            }
        };
        EngineThread.runOrHere("mortise-leaving-" + session.id(), whole);
        return done;
    }

    /** Waits so long at most; an interrupt ends the waiting only. */
    @CanIgnoreReturnValue
    static boolean await(CountDownLatch done, long millis) {
        try {
            return done.getCount() == 0 || done.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return done.getCount() == 0;
        }
    }

    void throwFailure() throws SQLException {
        SQLException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
