package io.mortise.engine.virtual;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function that exists in memory only: {@code STOP_STATEMENT(id)}. Knows nothing of H2. Immutable.
 *
 * <p>It works as {@code SELECT f()} and {@code CALL f()} on every route. H2 reads {@code FROM f()} of functions that
 * return tables only: those that SQream's users write so, {@code SELECT * FROM STOP_STATEMENT(4)}, are turned into a
 * value by the driver ({@code command.SqlTranslation}). A function that returns a table is a
 * {@link VirtualTableFunction}.
 *
 * @param schema {@code SYS} or {@code SYSTEM}; on the search path
 * @param fewest how many arguments it takes at least
 * @param most how many arguments it takes at most; {@link Integer#MAX_VALUE} for any number
 * @param type of the result as SQL writes it; the body returns what JDBC knows by it
 */
public record VirtualFunction(
        String schema, String name, String description, int fewest, int most, String type, Body body) {
    /** What a call does. Runs on the session's thread, inside its statement. */
    @FunctionalInterface
    public interface Body {
        @Nullable
        Object call(Reader caller, List<@Nullable Object> arguments) throws SQLException;
    }
}
