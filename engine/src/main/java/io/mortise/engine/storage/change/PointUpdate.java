package io.mortise.engine.storage.change;

import io.mortise.engine.storage.count.Assignments;
import io.mortise.engine.storage.session.LockableTable;
import org.h2.command.dml.Update;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.index.Index;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** An UPDATE of at most one row, of columns that no unique key has, to values that are given. One thread. */
final class PointUpdate extends PointChange {
    private final Update statement;
    /** What each column is set to; null where it stays. */
    private final @Nullable Expression[] values;

    private PointUpdate(Update statement, LockableTable table, @Nullable Expression[] values) {
        super(statement, statement.getTableFilter(), table, Right.UPDATE);
        this.statement = statement;
        this.values = values;
    }

    /** Null if H2 makes it. */
    static @Nullable PointUpdate of(Update statement, LockableTable table) {
        if (table.isPrivate() || statement.getOnDuplicateKeyInsert() != null || Assignments.hasFetch(statement)) {
            return null;
        }
        @Nullable Expression[] values = Assignments.simple(statement).orElse(null);
        if (values == null) {
            return null;
        }
        PointUpdate update = new PointUpdate(statement, table, values);
        return areInNoKey(table, values) && arePlain(table, values) ? update : null; // The table may be altered now.
    }

    /** So the row stays where it is, and nobody is in its way. */
    private static boolean areInNoKey(Table table, @Nullable Expression[] values) {
        for (Index index : table.getIndexes()) {
            boolean isOfRows = index instanceof MVPrimaryIndex; // It has all columns.
            boolean isKey =
                    !(index instanceof MVSecondaryIndex) || index.getIndexType().isUnique();
            if (!isOfRows && isKey && isAnySet(index.getColumns(), values)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAnySet(Column[] columns, @Nullable Expression[] values) {
        for (Column column : columns) {
            if (column.getColumnId() >= 0 && values[column.getColumnId()] != null) {
                return true;
            }
        }
        return false;
    }

    /** Has no column a value that H2 makes when the row changes, or when it is set to NULL? */
    private static boolean arePlain(Table table, @Nullable Expression[] values) {
        for (Column column : table.getColumns()) {
            boolean isSet = values[column.getColumnId()] != null;
            boolean isMade = column.isGenerated() || column.getEffectiveOnUpdateExpression() != null;
            if (isMade || isSet && (column.isGeneratedAlways() || column.isDefaultOnNull())) {
                return false;
            }
        }
        return true;
    }

    @Override
    @Nullable
    Expression condition() {
        return statement.getCondition();
    }

    @Override
    void change(SessionLocal session, Row before) {
        Row after = after(before, session);
        if (table.fireRow() && table.fireBeforeRow(session, before, after)) {
            return;
        }
        table.updateRow(session, before, after);
        if (table.fireRow()) {
            table.fireAfterRow(session, before, after, false);
        }
    }

    private Row after(Row before, SessionLocal session) {
        Row after = table.getTemplateRow();
        for (int i = 0; i < values.length; i++) {
            Expression value = values[i];
            Value now = value == null ? before.getValue(i) : value.getValue(session);
            after.setValue(i, now);
        }
        table.convertUpdateRow(session, after, false);
        after.setKey(before.getKey());
        return after;
    }
}
