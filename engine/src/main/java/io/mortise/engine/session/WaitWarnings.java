package io.mortise.engine.session;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.stream.Collectors;

/** Leaves a warning with a statement that had to wait long for a lock. Thread-safe. */
final class WaitWarnings implements LockListener {
    private static final long WORTH_SAYING_MILLIS = 500;
    private static final String WARNING = "01000";

    private final Sessions sessions;

    WaitWarnings(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
        if (waited.toMillis() >= WORTH_SAYING_MILLIS && outcome instanceof WaitOutcome.Acquired) {
            sessions.session(request.owner().session())
                    .ifPresent(session -> session.warn(new SQLWarning(text(session, request, waited), WARNING)));
        }
    }

    private static String text(Session session, LockRow request, Duration waited) {
        String blockers = request.blockers().stream()
                .map(blocker -> Integer.toString(blocker.owner().session()))
                .distinct()
                .collect(Collectors.joining(", "));
        return "waited " + waited.toMillis() + " ms for " + request.mode() + " on "
                + session.targetNames().of(request.target()).text()
                + (blockers.isEmpty() ? "" : ", behind session " + blockers);
    }
}
