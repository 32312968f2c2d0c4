package io.mortise.postgres.session;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import io.mortise.engine.error.LockFacts;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.error.Participant;
import io.mortise.engine.lock.StatementRecord;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Says of a lock that was not to be had, or of a deadlock, who else took part. Immutable. */
final class Reports {
    private final PostgresSession session;

    Reports(PostgresSession session) {
        this.session = session;
    }

    SQLException lockTimeout(SQLException e) {
        StatementRecord statement = session.course().announced();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - statement.startNanos());
        return new LockTimeout(
                "Lock not available after " + millis + " ms" + Errors.afterwards(!session.isAutoCommit()) + " ("
                        + e.getMessage() + ")",
                new LockFacts(self(statement), "", millis, -1, List.of(), List.of()),
                session.isAutoCommit());
    }

    SQLException deadlock(SQLException e) {
        return new DeadlockException(
                "Deadlock: PostgreSQL has failed this transaction to break it. Call rollback(), and run it again from its"
                        + " beginning. (" + e.getMessage() + ")",
                new DeadlockFacts(0, List.of(), session.id()));
    }

    private Participant self(StatementRecord statement) {
        return new Participant(
                session.id(),
                session.owner().id().transaction(),
                session.user().text(),
                "",
                "",
                statement.sql(),
                statement.thread().getName(),
                -1,
                "",
                "",
                "RUNNING");
    }

    /** In a transaction of PostgreSQL's, nothing else runs after it. */
    private static final class LockTimeout extends LockTimeoutException {
        private static final long serialVersionUID = 1;
        private final boolean isAlive;

        LockTimeout(String message, LockFacts report, boolean isAlive) {
            super(message, report);
            this.isAlive = isAlive;
        }

        @Override
        public boolean isTransactionAlive() {
            return isAlive;
        }
    }
}
