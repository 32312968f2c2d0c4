package io.mortise.engine.session;

import io.mortise.engine.backend.EndingTexts;
import io.mortise.engine.error.InFlight;
import io.mortise.engine.error.SessionIsLockedException;
import io.mortise.engine.error.SessionStayedBusyException;
import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.session.gate.BusyRule;
import io.mortise.engine.session.gate.InFlightGate;
import io.mortise.engine.session.gate.Parking;
import io.mortise.engine.session.gate.SlotWaiter;
import io.mortise.engine.setting.BusyMode;
import io.mortise.engine.text.OneLine;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The way into a session for a connection that may find it busy: waits, is refused, or gives way. Thread-safe. */
final class Entrance {
    private final Session session;
    private final InFlightGate gate;
    private final Parking parking;
    private final Function<Session, Optional<Session>> transactionOfThisThread;

    /** @param transactionOfThisThread another session in whose open transaction the calling thread was last */
    Entrance(Session session, Parking parking, Function<Session, Optional<Session>> transactionOfThisThread) {
        this.session = session;
        this.gate = session.gate();
        this.parking = parking;
        this.transactionOfThisThread = transactionOfThisThread;
    }

    /** Enters with a statement, and announces it. */
    void enter(StatementRecord statement, BusyRule busy) throws SQLException {
        if (!gate.tryEnter(statement)) {
            await(statement, busy);
        }
        announce(statement);
    }

    /** The same with what is not a statement; false if the session stays busy. */
    boolean tryEnterBriefly(StatementRecord call, BusyRule busy) throws SQLException {
        SlotWaiter waiter = SlotWaiter.brief(call);
        if (!gate.tryEnter(waiter)) {
            switch (busy.enterBriefly(gate, waiter, this::isLeaving)) {
                case ADMITTED -> {}
                case BUSY -> {
                    return false;
                }
                case ENDED -> throw endedInLine(waiter);
            }
        }
        announce(call);
        return true;
    }

    // What was due is carried out here, and may fail.
    private void announce(StatementRecord statement) {
        boolean isAnnounced = false;
        try {
            session.storage().announce(statement);
            isAnnounced = true;
        } finally {
            if (!isAnnounced) {
                gate.exit();
            }
        }
    }

    private void await(StatementRecord statement, BusyRule busy) throws SQLException {
        SlotWaiter waiter = SlotWaiter.of(statement);
        StatementRecord seen = gate.inFlight().orElse(statement);
        Optional<SlotWaits> edge = busy.mode() == BusyMode.WAIT
                ? transactionOfThisThread.apply(session).map(behalf -> new SlotWaits(session, behalf))
                : Optional.empty();
        Parking own = edge.map(wait -> wait.parking(parking, waiter)).orElse(parking);
        switch (isLeaving() ? busy.enterBehind(gate, waiter, own) : busy.enter(gate, waiter, own)) {
            case ADMITTED -> {}
            case BUSY -> throw refused(gate.inFlight().orElse(seen), statement.sql());
            case ENDED -> {
                Optional<WaitOutcome> lost = edge.flatMap(SlotWaits::lost);
                throw lost.isPresent() ? victim(edge.get().behalf(), lost.get()) : endedInLine(waiter);
            }
        }
    }

    private static SQLException endedInLine(SlotWaiter waiter) {
        WaitEnding ending = waiter.ending().orElseThrow();
        return new StatementEndedException(
                "Statement ended while it waited for its session: " + EndingTexts.ofNewcomer(ending)
                        + ". It has not begun.\n  ended      "
                        + OneLine.ofSql(waiter.statement().sql()),
                EndingTexts.reason(ending.end()),
                ending.bySession());
    }

    /** Has what is inside been told to end? Then it will be out soon. */
    private boolean isLeaving() {
        return session.storage().told().isPresent();
    }

    /** The thread's own transaction, in its other session, gives way. */
    private static SQLException victim(Session behalf, WaitOutcome lost) {
        SQLException error = behalf.storage().error(lost);
        if (!behalf.gate().isInside()) { // Else the statement that this thread runs there ends in a roll-back.
            behalf.gate().whenFree(behalf.storage()::rollBackLost);
        }
        return error;
    }

    /** The error for a statement that may be tried again. */
    SessionIsLockedException refused(StatementRecord inFlight, String call) {
        session.storage().refused(inFlight, call);
        return new SessionIsLockedException(describe(inFlight), call);
    }

    /** The error for a call that leaves the connection in a state its user does not expect. */
    SessionStayedBusyException stayedBusy(String call, BusyRule busy) {
        return new SessionStayedBusyException(describe(inFlightOr(call)), call, busy.graceMillis());
    }

    StatementRecord inFlightOr(String call) {
        return gate.inFlight().orElseGet(() -> session.storage().describe(call, ""));
    }

    /** What keeps another out, as of now. */
    private InFlight describe(StatementRecord statement) {
        long nanos = parking.nanoTime().getAsLong() - statement.startNanos();
        return new InFlight(
                session.id(),
                session.name(),
                statement.id(),
                statement.queryId(),
                statement.sql(),
                statement.threadName(),
                TimeUnit.NANOSECONDS.toMillis(nanos),
                gate.isStreaming());
    }
}
