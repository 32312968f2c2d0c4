package io.mortise.engine.error;

import java.io.Serializable;

/**
 * A transaction that takes part in a wait. Immutable.
 *
 * @param lock what it holds or asks for, {@code EX ROW}; empty if that is not known
 * @param lockedBy the statement that took that lock or asks for it; empty if not known, or for a reader who may not see
 *     it
 * @param sql what it runs, or ran last; empty for a reader who may not see it
 * @param thread the name of the thread that ran it
 * @param idleMillis how long it has been idle in its transaction; {@link #RUNS} while a statement runs
 * @param callSite where that thread stands in the application's code; empty unless it was worth reading
 * @param outerSql the client's own statement, if {@code sql} is run inside it by a trigger or a function; else empty
 * @param doing what it does, in the words of SYS.SESSIONS.STATE: {@code IDLE IN TRANSACTION}; empty if that is not
 *     known
 */
public record Participant(
        int session,
        long transaction,
        String user,
        String lock,
        String lockedBy,
        String sql,
        String thread,
        long idleMillis,
        String callSite,
        String outerSql,
        String doing)
        implements Serializable {
    /** In the place of {@link #idleMillis}: a statement runs. */
    public static final long RUNS = -1;
}
