package io.mortise.engine.storage.change;

import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.List;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Update;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.index.Cursor;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.schema.TriggerObject;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A statement that changes at most one row, which it looks for by a unique key. It takes H2's steps in H2's order. H2
 * collects the rows in a result, copies each some times, and goes through that twice, because there may be many, and
 * rows that move in their indexes. One row needs none of that. One thread.
 */
public abstract class PointChange implements RowChange {
    private final Prepared statement;
    private final TableFilter filter;
    private final int right;
    private final SearchRow wanted;
    /** How often the table had been altered before it was looked at whether the statement is one of these. */
    private final int alterations;

    final LockableTable table;

    /** @param right what its user must be allowed to do with the table */
    PointChange(Prepared statement, TableFilter filter, LockableTable table, int right) {
        this.statement = statement;
        this.filter = filter;
        this.table = table;
        this.alterations = table.alterations();
        this.right = right;
        this.wanted = table.getTemplateSimpleRow(true);
    }

    /**
     * How the engine makes a change of one row at most, for which the statement looks by a unique key; null if H2 makes
     * it.
     */
    public static @Nullable PointChange of(Prepared statement) {
        PointChange change = null;
        if (statement instanceof Update update && update.getTableFilter().getTable() instanceof LockableTable table) {
            change = PointUpdate.of(update, table);
        } else if (statement instanceof Delete delete
                && delete.getTableFilter().getTable() instanceof LockableTable table) {
            change = PointDelete.of(delete, table);
        }
        return change;
    }

    /** What the row is asked that was found; null for nothing. */
    abstract @Nullable Expression condition();

    /** Changes this row, which the transaction has locked. */
    abstract void change(SessionLocal session, Row before);

    /**
     * Changes the row that the statement's condition says. A table with triggers is left to H2, also if it got one
     * before it was locked, and one that was altered meanwhile. So are two rows of one unique key, which READ
     * UNCOMMITTED may show.
     *
     * @return how many rows were changed
     */
    @Override
    public final long run(SessionLocal session) {
        if (!begins(session)) {
            return statement.update();
        }
        Expression condition = condition();
        if (!finds(session, condition)) {
            return 0;
        }
        Row before = lock(session, condition);
        if (finds(condition, session)) {
            return statement.update();
        }
        if (before == null) {
            return 0;
        }
        filter.set(before);
        change(session, before);
        return 1;
    }

    private boolean finds(SessionLocal session, @Nullable Expression condition) {
        filter.reset();
        return finds(condition, session);
    }

    private boolean finds(@Nullable Expression condition, SessionLocal session) {
        while (filter.next()) {
            if (holds(condition, session)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The same, where the condition says no more than that the row is stored under this number. H2 makes two rows of it
     * to look for, and a cursor over what is between them; one that notes what it looks at is asked all the same.
     */
    @Override
    public final long run(SessionLocal session, Value number) {
        if (session.getIsolationLevel() == IsolationLevel.SERIALIZABLE
                || !(filter.getIndex() instanceof MVDelegateIndex)) {
            return run(session);
        }
        if (!begins(session)) {
            return statement.update();
        }
        wanted.setKey(number.getLong());
        Cursor found = table.primary().find(session, wanted, wanted, false);
        if (!found.next()) {
            return 0;
        }
        filter.set(found.get());
        Row before = lock(session, null);
        if (before == null) {
            return 0;
        }
        change(session, before);
        return 1;
    }

    @Override
    public final boolean isCurrent() {
        return table.alterations() == alterations;
    }

    private boolean begins(SessionLocal session) {
        if (hasTriggers()) {
            return false;
        }
        filter.startQuery(session);
        session.getUser().checkTableRight(table, right);
        table.lock(session, Table.WRITE_LOCK);
        statement.setCurrentRowNumber(1);
        return !hasTriggers() && isCurrent();
    }

    private boolean hasTriggers() {
        List<TriggerObject> triggers = table.getTriggers();
        return triggers != null && !triggers.isEmpty();
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
}
