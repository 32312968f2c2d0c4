package io.mortise.engine.storage.change;

import io.mortise.engine.storage.count.Rows;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.session.LockableTable;
import java.util.List;
import org.h2.command.Prepared;
import org.h2.command.dml.Insert;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ValueExpression;
import org.h2.message.DbException;
import org.h2.result.Row;
import org.h2.schema.TriggerObject;
import org.h2.table.Column;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * An INSERT of the values of one row. It takes H2's steps in H2's order; what H2 asks of triggers before and after the
 * statement is left out, for the table has none. One thread.
 *
 * <p>Columns, defaults and checks are looked at before the table is locked, as H2 does. If it has been altered since
 * then, the statement is repeated.
 */
final class PointInsert implements RowChange {
    private final Insert statement;
    private final LockableTable table;
    private final Rows.Inserted row;

    private PointInsert(Insert statement, LockableTable table, Rows.Inserted row) {
        this.statement = statement;
        this.table = table;
        this.row = row;
    }

    /** Null if H2 makes it. */
    static @Nullable PointInsert of(Prepared statement) {
        if (!(statement instanceof Insert insert)
                || !(insert.getTable() instanceof LockableTable table)
                || table.isPrivate()
                || table.isMeta()) {
            return null;
        }
        return Rows.insertedBy(insert)
                .map(row -> new PointInsert(insert, table, row))
                .orElse(null);
    }

    /** {@inheritDoc} A table with triggers is left to H2. One that gets a trigger before it is locked is altered. */
    @Override
    public long run(SessionLocal session) {
        int known = table.alterations(); // Asked first, for what is looked at then.
        if (hasTriggers()) {
            return statement.update();
        }
        session.getUser().checkTableRight(table, Right.INSERT);
        statement.setCurrentRowNumber(1);
        Row inserted = values(session);
        table.convertInsertRow(session, inserted, row.overridingSystem());
        if (!before(session, inserted)) {
            lock(session, known);
            table.addRow(session, inserted);
            collect(session, inserted);
            after(session, inserted);
        } else {
            collect(session, inserted);
        }
        return 1;
    }

    private boolean hasTriggers() {
        List<TriggerObject> triggers = table.getTriggers();
        return triggers != null && !triggers.isEmpty();
    }

    private Row values(SessionLocal session) {
        Row inserted = table.getTemplateRow();
        Column[] columns = row.columns();
        Expression[] values = row.values();
        for (int i = 0; i < columns.length; i++) {
            if (values[i] != ValueExpression.DEFAULT) {
                try {
                    inserted.setValue(columns[i].getColumnId(), values[i].getValue(session));
                } catch (DbException e) {
                    throw e.addSQL(statement.getSQL() + " -- (" + Prepared.getSimpleSQL(values) + ')');
                }
            }
        }
        return inserted;
    }

    private void lock(SessionLocal session, int known) {
        table.lock(session, Table.WRITE_LOCK);
        if (table.alterations() != known) {
            throw GoneTable.repeated(table);
        }
    }

    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    private boolean before(SessionLocal session, Row inserted) {
        return table.fireRow() && table.fireBeforeRow(session, null, inserted);
    }

    @SuppressWarnings("NullAway") // H2 has null for the row that there is not
    private void after(SessionLocal session, Row inserted) {
        if (table.fireRow()) {
            table.fireAfterRow(session, null, inserted, false);
        }
    }

    @SuppressWarnings("NullAway") // nobody has asked for the row
    private void collect(SessionLocal session, Row inserted) {
        DataChangeDeltaTable.collectInsertedFinalRow(session, table, null, null, inserted);
    }
}
