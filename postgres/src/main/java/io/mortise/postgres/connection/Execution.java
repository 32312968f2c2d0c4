package io.mortise.postgres.connection;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.lock.StatementRecord;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a statement, and its end from outside. A cancel is sent by a connection of its own, which takes
 * time. The execution is not over before a cancel under way has reached the server, so no cancel hits the next
 * statement. Thread-safe.
 */
public final class Execution {
    private static final System.Logger LOG = System.getLogger(Execution.class.getName());
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private static final int MOST_FAILURES = 2;
    /** An answer that has not come by then is asked after. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final StatementRecord record;
    private final Statement statement;

    private volatile @Nullable Future<?> limit;

    @GuardedBy("this")
    private boolean isCancelling;

    @GuardedBy("this")
    private boolean isOver;

    public Execution(StatementRecord record, Statement statement) {
        this.record = record;
        this.statement = statement;
    }

    public StatementRecord record() {
        return record;
    }

    /** Sends one cancel, whatever else is on its way. */
    public void cancelOnce() throws SQLException {
        statement.cancel();
    }

    /** Is the server done with the statement, though its answer has not come? */
    public interface Answer {
        boolean isLost();
    }

    /**
     * Cancels until the execution is over: what comes before pgjdbc has sent the statement is lost. Takes as long as
     * the server does; on a thread of its own.
     *
     * @return false if it is not over, and will not be: the server cannot be reached, or its answer does not come
     */
    public boolean cancel(Answer answer) {
        long begin = System.nanoTime();
        int failures = 0;
        for (long pause = FIRST_PAUSE_MILLIS; begins(); pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            try {
                statement.cancel();
                failures = 0;
            } catch (SQLException e) {
                failures++;
                LOG.log(System.Logger.Level.DEBUG, "cancelling statement " + record.id(), e);
            } finally {
                sent(pause);
            }
            boolean isLate = System.nanoTime() - begin > LATE_NANOS;
            if (failures == MOST_FAILURES || (isLate && answer.isLost())) {
                return isOver();
            }
        }
        return true;
    }

    private synchronized boolean isOver() {
        return isOver;
    }

    private synchronized boolean begins() {
        if (isOver || isCancelling) {
            return false;
        }
        isCancelling = true;
        return true;
    }

    private synchronized void sent(long pauseMillis) {
        isCancelling = false;
        notifyAll();
        try {
            long end = System.nanoTime() + pauseMillis * 1_000_000;
            for (long left = pauseMillis; !isOver && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            isOver = true; // The thread is the engine's own: nobody interrupts it but to be rid of it.
        }
    }

    /** What ends it if it takes too long: is not needed any more when it is over. */
    public void endsBy(Future<?> alarm) {
        limit = alarm;
    }

    /**
     * The statement has returned. Waits for a cancel that is on its way; an interrupt is kept for later.
     *
     * @return when it is over, by System.nanoTime
     */
    public synchronized long over() {
        Future<?> alarm = limit;
        if (alarm != null) {
            alarm.cancel(false);
        }
        boolean interrupted = false;
        while (isCancelling) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        isOver = true;
        notifyAll();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return System.nanoTime();
    }

    /** Rows changed; negative where that is not known, or there is a result. */
    public long rows() {
        try {
            return statement.getLargeUpdateCount();
        } catch (SQLException e) {
            return -1;
        }
    }
}
