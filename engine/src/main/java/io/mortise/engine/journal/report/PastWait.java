package io.mortise.engine.journal.report;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A wait for a lock that has ended, with what would be gone by now: what the target was called, and who stood in the
 * way when the wait began. Immutable; keeps texts only, so that no thread and no class of an application lives on in
 * it.
 *
 * @param name what the target was called when the wait ended
 * @param first the first in the way when the wait began; empty if it went before anybody saw it
 * @param edgeKind why that one was in the way; empty together with it
 * @param blockers the sessions in the way when the wait began, {@code 4, 7}; of many the first
 * @param outcome GRANTED, DEADLOCK_VICTIM, ERROR, or why it was refused, as {@link io.mortise.engine.lock.WaitEnd} says
 *     it
 */
public record PastWait(
        LockTarget target,
        TargetNames.Name name,
        Side waiter,
        Optional<Side> first,
        String edgeKind,
        String blockers,
        long beganNanos,
        long endedNanos,
        String outcome) {
    private static final int MOST_BLOCKERS = 20;

    /**
     * One of the two that met. Immutable.
     *
     * @param sql what the waiter ran; the statement that took the lock in the way
     */
    public record Side(OwnerId owner, LockMode mode, UserName user, String sql, String thread) {
        private static Side of(OwnerId owner, LockMode mode, StatementRecord statement) {
            boolean isKnown = statement.id() != 0;
            return new Side(owner, mode, statement.user(), statement.sql(), isKnown ? statement.threadName() : "");
        }
    }

    /** @param request as it stood when the wait began */
    public static PastWait of(LockRow request, TargetNames.Name name, Duration waited, String outcome) {
        Optional<Blocker> first = request.blockers().stream().findFirst();
        return new PastWait(
                request.target(),
                name,
                Side.of(request.owner(), request.mode(), request.statement()),
                first.map(blocker -> Side.of(blocker.owner(), blocker.mode(), blocker.statement())),
                first.map(blocker -> blocker.kind().name()).orElse(""),
                sessions(request.blockers()),
                request.requestedNanos(),
                request.requestedNanos() + waited.toNanos(),
                outcome);
    }

    /** How a wait ended, in a word. */
    public static String word(WaitOutcome outcome) {
        if (outcome instanceof WaitOutcome.Refused refused) {
            return refused.ending().end().name();
        }
        return outcome instanceof WaitOutcome.DeadlockVictim ? "DEADLOCK_VICTIM" : "GRANTED";
    }

    private static String sessions(List<Blocker> blockers) {
        if (blockers.size() == 1) { // Nearly always.
            return Integer.toString(Math.abs(blockers.get(0).owner().session()));
        }
        List<Integer> sessions = blockers.stream()
                .map(blocker -> Math.abs(blocker.owner().session()))
                .distinct()
                .toList();
        String first =
                sessions.stream().limit(MOST_BLOCKERS).map(String::valueOf).collect(Collectors.joining(", "));
        int left = sessions.size() - MOST_BLOCKERS;
        return left > 0 ? first + " (" + left + " more)" : first;
    }

    /** What this reader may be shown of it. */
    public Sight sight(Reader reader) {
        return Sight.of(reader, target -> name, beganNanos);
    }

    /** How much of the journal it takes. */
    public int characters() {
        return waiter.sql.length()
                + first.map(side -> side.sql.length()).orElse(0)
                + name.key().length()
                + blockers.length();
    }
}
