package io.mortise.engine.storage.change;

import io.mortise.engine.storage.count.Assignments;
import io.mortise.engine.storage.row.PointAccess;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.List;
import java.util.Optional;
import org.h2.command.dml.Update;
import org.h2.engine.IsolationLevel;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.schema.TriggerObject;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * An UPDATE of at most one row, by the number that it is stored under, of columns that are in no index. It takes the
 * steps of {@link Update} in the same order. H2 collects the rows in a result, copies each four times, and goes through
 * that twice, because an UPDATE may change many and move them in their indexes. One row that stays where it is needs
 * none of that. One thread.
 */
public final class PointUpdate {
    private static final Column[] NO_COLUMNS = {};

    private final Update statement;
    private final TableFilter filter;
    private final LockableTable table;
    /** What each column is set to; null where it stays. */
    private final @Nullable Expression[] values;

    private final SearchRow wanted;

    private PointUpdate(Update statement, TableFilter filter, LockableTable table, @Nullable Expression[] values) {
        this.statement = statement;
        this.filter = filter;
        this.table = table;
        this.values = values;
        this.wanted = table.getTemplateSimpleRow(true);
    }

    /** The statement as one of these, if it is one. It looks once, for one row. */
    public static Optional<PointUpdate> of(Update statement) {
        TableFilter filter = statement.getTableFilter();
        if (!(filter.getTable() instanceof LockableTable table)
                || statement.getOnDuplicateKeyInsert() != null
                || !PointAccess.isOneLook(statement)
                || Assignments.hasFetch(statement)) {
            return Optional.empty();
        }
        return Assignments.simple(statement)
                .filter(values -> areInNoIndex(table, values) && arePlain(table, values))
                .map(values -> new PointUpdate(statement, filter, table, values));
    }

    private static boolean areInNoIndex(Table table, @Nullable Expression[] values) {
        for (Index index : table.getIndexes()) {
            boolean isOfRows = index instanceof MVPrimaryIndex; // It has all columns.
            for (Column column : isOfRows ? NO_COLUMNS : index.getColumns()) {
                if (column.getColumnId() >= 0 && values[column.getColumnId()] != null) {
                    return false;
                }
            }
        }
        return true;
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

    private boolean hasTriggers() {
        List<TriggerObject> triggers = table.getTriggers();
        return triggers != null && !triggers.isEmpty();
    }

    /**
     * Changes the row that the statement's condition says. A table with triggers is left to H2, also if it got one
     * before it was locked.
     *
     * @return how many rows were changed
     */
    public long run(SessionLocal session) {
        if (!begins(session)) {
            return statement.update();
        }
        Expression condition = statement.getCondition();
        filter.reset();
        return filter.next() && holds(condition, session) ? change(session, condition) : 0;
    }

    /**
     * The same, where the condition says no more than that the row has this number. H2 makes two rows of it to look
     * for, and a cursor over what is between them; one that notes what it looks at is asked all the same.
     */
    public long run(SessionLocal session, Value number) {
        if (!begins(session)) {
            return statement.update();
        }
        if (session.getIsolationLevel() == IsolationLevel.SERIALIZABLE) {
            filter.reset();
            return filter.next() ? change(session, null) : 0;
        }
        wanted.setKey(number.getLong());
        Cursor found = table.primary().find(session, wanted, wanted, false);
        if (!found.next()) {
            return 0;
        }
        filter.set(found.get());
        return change(session, null);
    }

    private boolean begins(SessionLocal session) {
        if (hasTriggers()) {
            return false;
        }
        filter.startQuery(session);
        session.getUser().checkTableRight(table, Right.UPDATE);
        table.lock(session, Table.WRITE_LOCK);
        statement.setCurrentRowNumber(1);
        return !hasTriggers();
    }

    private long change(SessionLocal session, @Nullable Expression condition) {
        Row before = lock(session, condition);
        if (before == null) {
            return 0;
        }
        Row after = after(before, session);
        if (table.fireRow() && table.fireBeforeRow(session, before, after)) {
            return 1;
        }
        table.updateRow(session, before, after);
        if (table.fireRow()) {
            table.fireAfterRow(session, before, after, false);
        }
        return 1;
    }

    private static boolean holds(@Nullable Expression condition, SessionLocal session) {
        return condition == null || condition.getBooleanValue(session);
    }

    /** The row as it is now; null if it has gone, or is no longer the one that is meant. */
    private @Nullable Row lock(SessionLocal session, @Nullable Expression condition) {
        Row read = filter.get();
        Row locked = table.lockRow(session, read, SessionWaits.AS_TOLD);
        if (locked == null || read.hasSharedData(locked)) {
            return locked == null ? null : read;
        }
        filter.set(locked);
        return holds(condition, session) ? locked : null;
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
