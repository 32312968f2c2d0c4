package io.mortise.engine.session;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.error.InFlight;
import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.text.OneLine;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Says why a statement was refused, or ended, or can not be run any more. */
final class SessionErrors {
    private SessionErrors() {}

    /** What keeps another out, as of {@code nanos} on the engine's clock. */
    static InFlight ofInFlight(Session session, StatementRecord statement, long nanos) {
        return new InFlight(
                session.id(),
                session.name(),
                statement.id(),
                statement.queryId(),
                statement.sql(),
                statement.thread().getName(),
                TimeUnit.NANOSECONDS.toMillis(nanos - statement.startNanos()),
                session.gate().isStreaming());
    }

    /** A statement was ended while it waited in line. */
    static SQLException ofWait(SlotWaiter waiter) {
        WaitEnding ending = waiter.ending().orElseThrow();
        return new StatementEndedException(
                "Statement ended while it waited for its session: " + EndingTexts.ofNewcomer(ending)
                        + ". It has not begun.\n  ended      "
                        + OneLine.ofSql(waiter.statement().sql()),
                EndingTexts.reason(ending.end()),
                ending.bySession());
    }

    /** A statement or its session was ended; empty if the client itself has cancelled the statement. */
    static Optional<SQLException> ofEnding(Session session, WaitEnding ending) {
        return switch (ending.end()) {
            case KILLED, ABORTED, CONNECTION_CLOSED ->
                Optional.of(new StatementEndedException(
                        EndingTexts.ofStatement(ending), EndingTexts.reason(ending.end()), ending.bySession()));
            case SESSION_CLOSED ->
                Optional.of(
                        new SessionAbortedException(EndingTexts.ofSession(session.id(), ending), ending.bySession()));
            case TIMEOUT, DEADLOCK_VICTIM, CANCELLED, QUERY_TIMEOUT, INTERRUPTED, SHUTDOWN -> Optional.empty();
        };
    }
}
