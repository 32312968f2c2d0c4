package io.mortise.engine.storage.explain;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.h2.command.Prepared;
import org.h2.command.dml.CommandWithValues;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Insert;
import org.h2.command.dml.Merge;
import org.h2.command.dml.Update;
import org.h2.command.query.ForUpdate;
import org.h2.command.query.Select;
import org.h2.engine.DbObject;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.engine.User;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.expression.Parameter;
import org.h2.message.DbException;
import org.h2.result.Row;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * A statement that H2 has read and does not run: which rows it looks for, and which it brings. One thread.
 *
 * <p>What would have to be run to be known (a subquery, a function of the user's, a parameter without a value) counts
 * as touching every row.
 */
final class Unrun {
    private static final VarHandle VALUES;
    private static final VarHandle INSERTED;
    private static final VarHandle MERGED;
    private static final VarHandle SELECTED;

    static {
        try {
            VALUES = H2Reflection.in(CommandWithValues.class)
                    .findVarHandle(CommandWithValues.class, "valuesExpressionList", ArrayList.class);
            INSERTED = H2Reflection.in(Insert.class).findVarHandle(Insert.class, "columns", Column[].class);
            MERGED = H2Reflection.in(Merge.class).findVarHandle(Merge.class, "columns", Column[].class);
            SELECTED = H2Reflection.in(Select.class).findVarHandle(Select.class, "condition", Expression.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final SessionLocal session;
    private final Prepared statement;

    public Unrun(SessionLocal session, Prepared statement) {
        this.session = session;
        this.statement = statement;
    }

    /**
     * Refuses whom H2 refuses when the statement begins to run: who may not bring a row must not learn that another
     * does. What a statement reads, and a {@code MERGE … USING} reads both of its tables, H2 has looked at as it was
     * prepared.
     */
    void checkRights(Table changed) {
        User user = session.getUser();
        if (bringsRows()) {
            user.checkTableRight(changed, Right.INSERT);
        }
        if (statement instanceof Update || statement instanceof Merge) {
            user.checkTableRight(changed, Right.UPDATE);
        }
        if (isDelete()) {
            user.checkTableRight(changed, Right.DELETE);
        }
    }

    /** Does it bring rows of its own, and looks for none? */
    public boolean isInsert() {
        return statement instanceof Insert;
    }

    /** Does it bring rows of its own, whether it looks for them or not? */
    public boolean bringsRows() {
        return statement instanceof CommandWithValues;
    }

    /** Does it leave out the rows that are locked? */
    public boolean skipsLocked() {
        ForUpdate locking = statement instanceof Select select ? select.getForUpdate() : null;
        return locking != null && locking.getType() == ForUpdate.Type.SKIP_LOCKED;
    }

    /** Does it delete rows? Then their keys go with them. */
    public boolean isDelete() {
        return statement instanceof Delete;
    }

    /** Would it touch this row of the table, as far as is known without running it? */
    public boolean touches(Table table, Row row) {
        Optional<TableFilter> filter = filter(table);
        Expression condition = condition();
        if (filter.isEmpty() || condition == null || !isCertain(condition, table)) {
            return true;
        }
        try {
            filter.get().set(row);
            return condition.getBooleanValue(session);
        } catch (DbException itWouldFail) {
            return true;
        } finally {
            filter.get().reset();
        }
    }

    private Optional<TableFilter> filter(Table table) {
        TableFilter filter = null;
        if (statement instanceof Update update) {
            filter = update.getTableFilter();
        } else if (statement instanceof Delete delete) {
            filter = delete.getTableFilter();
        } else if (statement instanceof Select select) {
            filter = select.getTopTableFilter();
        }
        return Optional.ofNullable(filter).filter(one -> one.getTable() == table && one.getJoin() == null);
    }

    private @Nullable Expression condition() {
        if (statement instanceof Update update) {
            return update.getCondition();
        }
        return statement instanceof Delete delete ? delete.getCondition() : selected();
    }

    private @Nullable Expression selected() {
        return statement instanceof Select ? (Expression) SELECTED.get(statement) : null;
    }

    private boolean isCertain(Expression condition, Table table) {
        HashSet<DbObject> needed = new HashSet<>();
        return session.getUser().hasTableRight(table, Right.SELECT)
                && condition.isEverything(ExpressionVisitor.getDependenciesVisitor(needed))
                && Set.of(table).containsAll(needed)
                && condition.isEverything(ExpressionVisitor.DETERMINISTIC_VISITOR)
                && condition.isEverything(ExpressionVisitor.READONLY_VISITOR)
                && !condition.getTraceSQL().toUpperCase(Locale.ROOT).contains("SELECT");
    }

    /** The rows that it brings, each with the values that are known; a value that is not known, or is NULL, is null. */
    public List<Row> rows(Table table) {
        List<Row> rows = new ArrayList<>();
        for (Value[] values : values(table)) {
            Row row = table.getTemplateRow();
            for (int column = 0; column < values.length; column++) {
                if (values[column] != ValueNull.INSTANCE) {
                    row.setValue(column, values[column]);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    /** Does it bring rows, and is one of these columns NULL in each of them? */
    public boolean bringsNull(Table table, IndexColumn[] columns) {
        List<Value[]> rows = values(table);
        return !rows.isEmpty()
                && rows.stream()
                        .allMatch(row -> Arrays.stream(columns)
                                .anyMatch(each -> row[each.column.getColumnId()] == ValueNull.INSTANCE));
    }

    private List<Value[]> values(Table table) {
        List<Value[]> rows = new ArrayList<>();
        if (statement instanceof CommandWithValues) {
            Column[] columns = (Column[]) (statement instanceof Insert ? INSERTED : MERGED).get(statement);
            for (Object values : (ArrayList<?>) VALUES.get(statement)) {
                rows.add(values(table, columns, (Expression[]) values));
            }
        }
        return rows;
    }

    @SuppressWarnings("NullAway") // null is what is not known.
    private Value[] values(Table table, Column[] columns, Expression[] expressions) {
        Value[] values = new Value[table.getColumns().length];
        for (Column column : table.getColumns()) {
            values[column.getColumnId()] = column.getEffectiveDefaultExpression() == null ? ValueNull.INSTANCE : null;
        }
        for (int i = 0; i < Math.min(columns.length, expressions.length); i++) {
            values[columns[i].getColumnId()] = value(columns[i], expressions[i]);
        }
        return values;
    }

    private @Nullable Value value(Column column, @Nullable Expression expression) {
        boolean isKnown = expression instanceof Parameter given
                ? given.isValueSet()
                : expression != null && expression.isConstant();
        if (!isKnown || expression == null) {
            return null;
        }
        try {
            return column.convert(session, expression.getValue(session));
        } catch (DbException notOfTheColumnsType) {
            return null; // The statement itself will say what is wrong with it.
        }
    }
}
