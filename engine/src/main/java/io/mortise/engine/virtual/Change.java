package io.mortise.engine.virtual;

import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A column of a row that a statement sets to a value. Immutable. */
public record Change<R>(
        VirtualTable.Update<R> update, R row, @Nullable Object value) {
    /**
     * Makes all changes of a statement, or none if one of them may not be made. Each is decided before the first is
     * made.
     */
    public static <R> void makeAll(List<Change<R>> changes, Reader by) throws SQLException {
        for (Change<R> change : changes) {
            change.update.check(by, change.row, change.value);
        }
        for (Change<R> change : changes) {
            change.update.mark(by, change.row, change.value);
        }
        List<Change<R>> inOrder = changes.stream()
                .sorted(Comparator.comparing((Change<R> change) -> !change.update.isFirst(change.row)))
                .toList();
        for (Change<R> change : inOrder) {
            change.update.update(by, change.row, change.value);
        }
    }
}
