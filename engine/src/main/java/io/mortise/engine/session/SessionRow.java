package io.mortise.engine.session;

import io.mortise.engine.lock.LockOwner;
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
 * @param innermost what a trigger or a function runs inside that; the same if none does
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
        boolean cancelled,
        StatementRecord innermost) {

    /** What a session is doing. */
    public enum State {
        IDLE,
        IDLE_IN_TRANSACTION,
        RUNNING,
        LOCK_WAIT,
        STREAMING,
        /** Its transaction is prepared, as a branch of a distributed one. */
        PREPARED,
        /** Kept out by LOCK SYSTEM. */
        INHIBITED;

        /** Does a statement run, or is its result read? */
        public boolean isInFlight() {
            return this == RUNNING || this == LOCK_WAIT || this == STREAMING;
        }

        static State ofIdle(LockOwner owner) {
            State between = owner.isActive() ? IDLE_IN_TRANSACTION : IDLE;
            return owner.occupation().isPrepared() ? PREPARED : between;
        }

        boolean isIdle() {
            return this == IDLE || this == IDLE_IN_TRANSACTION || this == PREPARED;
        }

        /** {@code IDLE IN TRANSACTION}: as people write it. */
        public String text() {
            return name().replace('_', ' ');
        }
    }
}
