package io.mortise.engine.virtual;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function that returns a table and exists in memory only: {@code SELECT * FROM SHOW_LOCKS()}, {@code CALL
 * SHOW_LOCKS()}. Knows nothing of H2. Immutable.
 *
 * @param table the columns and what they hold; its rows, called without arguments, are not used
 * @param body makes the rows of one call
 */
public record VirtualTableFunction<R>(VirtualTable<R> table, int fewest, int most, Body<R> body) {
    /** Makes the rows of one call. Runs on the session's thread, inside its statement. */
    @FunctionalInterface
    public interface Body<R> {
        List<R> call(Reader caller, List<@Nullable Object> arguments) throws SQLException;
    }

    /** A function without arguments whose rows are the table's. */
    public static <R> VirtualTableFunction<R> of(VirtualTable<R> table) {
        return new VirtualTableFunction<>(table, 0, 0, (caller, arguments) -> {
            try (var rows = table.rows(caller)) {
                return rows.toList();
            }
        });
    }
}
