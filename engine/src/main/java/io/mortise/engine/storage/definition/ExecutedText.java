package io.mortise.engine.storage.definition;

import java.util.List;
import org.h2.api.ErrorCode;
import org.h2.command.Prepared;
import org.h2.command.dml.ExecuteImmediate;
import org.h2.message.DbException;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the place of an EXECUTE IMMEDIATE. H2 runs the text as a part of it, and commits nothing. A roll-back then
 * takes a definition out of the catalogue and leaves it in memory. What the definition has dropped in memory is dropped
 * for good, rows and all. Here a definition, and what else ends a transaction, runs as the statement that it is: it
 * locks, commits and is refused as it is anywhere. One thread, the one that runs the statement.
 */
final class ExecutedText extends PlacedStatement {
    private final ExecuteImmediate meant;

    ExecutedText(ExecuteImmediate meant) {
        super(meant);
        this.meant = meant;
    }

    @Override
    public long update() {
        Value value = Definitions.executed(meant).getValue(session);
        @Nullable String text = value.getString();
        if (text == null) {
            throw DbException.getInvalidValueException("SQL command", null);
        }
        Prepared inner = PlacedStatement.of(session.prepare(text));
        if (inner.isQuery()) {
            throw DbException.get(ErrorCode.SYNTAX_ERROR_2, text, "<not a query>");
        }
        if (isPartOfThis(inner)) {
            long rows = inner.update();
            hasCommitted = inner instanceof PlacedStatement placed && placed.hasCommitted;
            return rows;
        }
        return runAlone(text, inner, List.of());
    }
}
