package io.mortise.engine.storage.change;

import io.mortise.engine.storage.count.Assignments;
import io.mortise.engine.storage.session.LockableTable;
import org.h2.command.dml.Delete;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.result.Row;
import org.jspecify.annotations.Nullable;

/** A DELETE of at most one row. One thread. */
final class PointDelete extends PointChange {
    private final Delete statement;

    private PointDelete(Delete statement, LockableTable table) {
        super(statement, statement.getTableFilter(), table, Right.DELETE);
        this.statement = statement;
    }

    /** Null if H2 makes it. */
    static @Nullable PointDelete of(Delete statement, LockableTable table) {
        return table.isPrivate() || Assignments.hasFetch(statement) ? null : new PointDelete(statement, table);
    }

    @Override
    @Nullable
    Expression condition() {
        return statement.getCondition();
    }

    @Override
    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    void change(SessionLocal session, Row before) {
        if (table.fireRow() && table.fireBeforeRow(session, before, null)) {
            return;
        }
        table.removeRow(session, before);
        if (table.fireRow()) {
            table.fireAfterRow(session, before, null, false);
        }
    }
}
