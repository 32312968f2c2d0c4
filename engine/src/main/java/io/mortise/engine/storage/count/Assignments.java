package io.mortise.engine.storage.count;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
import java.util.Optional;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.dml.SetClauseList;
import org.h2.command.dml.Update;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.table.Column;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** What an UPDATE sets columns to. Stateless. */
public final class Assignments {
    private static final VarHandle CLAUSES;
    private static final VarHandle ACTIONS;
    private static final Class<?> SIMPLE;
    private static final VarHandle EXPRESSION;
    private static final VarHandle ARRAY_INDEXES;
    private static final VarHandle FETCH;

    static {
        try {
            CLAUSES = H2Reflection.in(Update.class).findVarHandle(Update.class, "setClauseList", SetClauseList.class);
            Class<?> actions = Class.forName("[Lorg.h2.command.dml.SetClauseList$UpdateAction;");
            ACTIONS = H2Reflection.in(SetClauseList.class).findVarHandle(SetClauseList.class, "actions", actions);
            SIMPLE = Class.forName("org.h2.command.dml.SetClauseList$SetSimple");
            EXPRESSION = H2Reflection.in(SIMPLE).findVarHandle(SIMPLE, "expression", Expression.class);
            Class<?> values = Class.forName("org.h2.command.dml.SetClauseList$SetAction");
            ARRAY_INDEXES = H2Reflection.in(values).findVarHandle(values, "arrayIndexes", Expression[].class);
            Class<?> filtered = Update.class.getSuperclass();
            FETCH = H2Reflection.in(filtered).findVarHandle(filtered, "fetchExpr", Expression.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private Assignments() {}

    /** Takes a value, or throws if it may not be set. */
    @FunctionalInterface
    public interface Check {
        void check(Value value) throws SQLException;
    }

    /**
     * What each column is set to, null where it stays. Empty if one of them is set in another way than by {@code COLUMN
     * = value}.
     */
    public static Optional<@Nullable Expression[]> simple(Update update) {
        Object[] actions = (Object[]) ACTIONS.get((SetClauseList) CLAUSES.get(update));
        @Nullable Expression[] values = new Expression[actions.length];
        for (int i = 0; i < actions.length; i++) {
            @Nullable Object action = actions[i];
            if (action != null) {
                if (!SIMPLE.isInstance(action) || ARRAY_INDEXES.get(action) != null) {
                    return Optional.empty();
                }
                values[i] = (Expression) EXPRESSION.get(action);
            }
        }
        return Optional.of(values);
    }

    /** Does an UPDATE or DELETE say how many rows it changes at most? */
    public static boolean hasFetch(DataChangeStatement statement) {
        return FETCH.get(statement) != null;
    }

    /** Checks what a column of every row is set to, unless it is not set or depends on the row. */
    public static void check(SessionLocal session, Update update, Column column, Check check) throws SQLException {
        Object[] actions = (Object[]) ACTIONS.get((SetClauseList) CLAUSES.get(update));
        @Nullable Object action = actions[column.getColumnId()];
        if (!SIMPLE.isInstance(action)) {
            return;
        }
        Expression expression = (Expression) EXPRESSION.get(action);
        if (!expression.isEverything(ExpressionVisitor.INDEPENDENT_VISITOR)) {
            return;
        }
        check.check(expression.getValue(session).convertForAssignTo(column.getType(), session, column));
    }
}
