package io.mortise.engine.storage.definition;

import java.util.List;
import org.h2.command.Prepared;
import org.h2.command.dml.ExecuteProcedure;
import org.h2.message.DbException;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the place of an EXECUTE of a statement that was prepared by name. H2 runs a definition as a part of the
 * transaction, as with {@link ExecutedText}, and as it was read when it was prepared. Here it runs as the statement
 * that it is now. One thread.
 */
final class ExecutedProcedure extends PlacedStatement {
    private final ExecuteProcedure meant;

    ExecutedProcedure(ExecuteProcedure meant) {
        super(meant);
        this.meant = meant;
    }

    @Override
    public long update() {
        Prepared prepared = Definitions.executed(meant);
        Prepared inner = PlacedStatement.of(prepared);
        if (inner == prepared && isPartOfThis(inner)) {
            return meant.update();
        }
        @Nullable String text = prepared.getSQL();
        if (text == null) {
            throw DbException.getInternalError("a statement without a text");
        }
        List<Value> parameters = Definitions.parameters(meant).stream()
                .map(parameter -> parameter.getValue(session))
                .toList();
        return runAlone(text, inner, parameters);
    }
}
