package io.mortise.engine.session;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import java.time.Instant;
import java.util.List;

/**
 * A session as of one instant. Immutable.
 *
 * @param name empty unless it is a named one
 * @param clientInfo what its connections call themselves
 * @param transaction 0 if none is open that has taken a lock
 * @param sinceNanos since when it is in that state, on the engine's clock
 * @param statement what is in flight, or else ran last; {@link StatementRecord#NONE} if nothing has
 * @param inLine what waits for the session
 * @param connections how many use it
 * @param cancelled has what is in flight been told to end?
 */
public record SessionRow(
        int id,
        String name,
        UserName user,
        Instant loginTime,
        String clientInfo,
        boolean autoCommit,
        String isolation,
        long transaction,
        State state,
        long sinceNanos,
        StatementRecord statement,
        List<StatementRecord> inLine,
        long rowsChanged,
        int connections,
        boolean cancelled) {

    /** What a session is doing. */
    public enum State {
        IDLE,
        IDLE_IN_TRANSACTION,
        RUNNING,
        LOCK_WAIT,
        STREAMING,
        /** Kept out by LOCK SYSTEM. */
        INHIBITED;

        /** {@code IDLE IN TRANSACTION}: as people write it. */
        public String text() {
            return name().replace('_', ' ');
        }
    }
}
