package io.mortise.postgres.command;

import java.sql.ResultSet;
import java.util.Optional;

/**
 * What a command has come to, as JDBC tells it. Immutable.
 *
 * @param count rows that it changed; {@link #NO_COUNT} where there is a result
 */
record Outcome(long count, Optional<ResultSet> result) {
    static final int NO_COUNT = -1;

    static Outcome of(long count) {
        return new Outcome(count, Optional.empty());
    }

    static Outcome of(ResultSet result) {
        return new Outcome(NO_COUNT, Optional.of(result));
    }
}
