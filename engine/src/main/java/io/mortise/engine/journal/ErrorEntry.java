package io.mortise.engine.journal;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.text.UserName;

/**
 * An error that a client was given. Immutable.
 *
 * @param id unique while the engine runs
 * @param code the vendor code
 * @param text the message, as in the exception; of a long one the beginning
 * @param sqlLength characters of the statement, of which {@code sql} may be the beginning
 */
public record ErrorEntry(
        long id,
        long atNanos,
        OwnerId owner,
        UserName user,
        int code,
        String sqlState,
        String text,
        String sql,
        int sqlLength) {
    int characters() {
        return text.length() + sql.length();
    }
}
