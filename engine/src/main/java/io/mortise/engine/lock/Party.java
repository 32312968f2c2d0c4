package io.mortise.engine.lock;

import io.mortise.engine.text.UserName;
import java.util.List;

/**
 * What is known of a session in a report. Immutable.
 *
 * @param statement what it runs, or ran last if it is idle; {@link StatementRecord#NONE} if nothing is known
 * @param idleNanos how long it has been idle in its transaction; negative while a statement runs
 * @param isStreaming has it a result that is produced while its client reads it?
 * @param stack where the thread of its last statement stands now; empty unless it was worth reading
 */
public record Party(
        OwnerId owner,
        UserName user,
        StatementRecord statement,
        long idleNanos,
        long startNanos,
        int priority,
        long rowsChanged,
        List<StackTraceElement> stack,
        boolean isStreaming) {
    /** The same party, known to wait in this statement. */
    Party waitingIn(StatementRecord waiting, List<StackTraceElement> where) {
        return new Party(owner, user, waiting, -1, startNanos, priority, rowsChanged, where, false);
    }
}
