package io.mortise.engine.error;

import io.mortise.engine.text.OneLine;
import java.io.Serializable;

/**
 * The statement that kept another from running, as it was at that moment. Immutable.
 *
 * @param sessionName empty unless the session is a named one
 * @param statement the number of the statement
 * @param queryId its id as text, the client's or one made from the number
 * @param thread the name of the thread that runs it
 * @param isStreaming has it done its work but for a result that is produced while it is read?
 */
public record InFlight(
        int session,
        String sessionName,
        long statement,
        String queryId,
        String sql,
        String thread,
        long elapsedMillis,
        boolean isStreaming)
        implements Serializable {

    /** ClickHouse's code word, then a sentence: who, what and for how long. */
    String firstLine() {
        return "SESSION_IS_LOCKED: Session is locked by another thread. Session " + session
                + (sessionName.isEmpty() ? "" : " '" + OneLine.of(sessionName) + "'")
                + (isStreaming ? " has been streaming the result of query " : " has been running query ")
                + statement + " for " + grouped(elapsedMillis) + " ms on thread \"" + OneLine.ofName(thread) + "\"";
    }

    /** {@code 1 240}: digits in groups of three, as the standards of units write them. */
    private static String grouped(long number) {
        StringBuilder digits = new StringBuilder(Long.toString(number));
        for (int at = digits.length() - 3; at > 0; at -= 3) {
            digits.insert(at, ' ');
        }
        return digits.toString();
    }
}
