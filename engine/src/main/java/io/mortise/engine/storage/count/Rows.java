package io.mortise.engine.storage.count;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Optional;
import org.h2.command.dml.CommandWithValues;
import org.h2.command.dml.Insert;
import org.h2.expression.Expression;
import org.h2.table.Column;
import org.jspecify.annotations.Nullable;

/** What an INSERT puts into its table. Stateless. */
public final class Rows {
    private static final VarHandle VALUES;
    private static final VarHandle COLUMNS;
    private static final VarHandle OVERRIDING;
    private static final VarHandle IF_THERE;
    private static final VarHandle IS_IGNORING;

    static {
        try {
            VALUES = H2Reflection.in(CommandWithValues.class)
                    .findVarHandle(CommandWithValues.class, "valuesExpressionList", ArrayList.class);
            MethodHandles.Lookup inserts = H2Reflection.in(Insert.class);
            COLUMNS = inserts.findVarHandle(Insert.class, "columns", Column[].class);
            OVERRIDING = inserts.findVarHandle(Insert.class, "overridingSystem", Boolean.class);
            IF_THERE = inserts.findVarHandle(Insert.class, "duplicateKeyAssignmentMap", HashMap.class);
            IS_IGNORING = inserts.findVarHandle(Insert.class, "ignore", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private Rows() {}

    /**
     * One row.
     *
     * @param columns those that are given, in the order of their values
     * @param overridingSystem does a given value of an identity column count? Null if the statement does not say
     */
    @SuppressWarnings("ArrayRecordComponent") // H2's, and not compared
    public record Inserted(
            Column[] columns, Expression[] values, @Nullable Boolean overridingSystem) {}

    /** The row of a statement that inserts one by its values, and fails if one with its key is there; else empty. */
    public static Optional<Inserted> insertedBy(Insert insert) {
        ArrayList<?> rows = (ArrayList<?>) VALUES.get((CommandWithValues) insert);
        boolean isPlain = IF_THERE.get(insert) == null && !(boolean) IS_IGNORING.get(insert);
        @Nullable Column[] columns = (@Nullable Column[]) COLUMNS.get(insert);
        if (rows.size() != 1 || !isPlain || columns == null) {
            return Optional.empty();
        }
        return Optional.of(new Inserted(columns, (Expression[]) rows.get(0), (Boolean) OVERRIDING.get(insert)));
    }
}
