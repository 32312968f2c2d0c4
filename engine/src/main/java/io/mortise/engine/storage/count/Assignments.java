package io.mortise.engine.storage.count;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
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

    static {
        try {
            CLAUSES = in(Update.class).findVarHandle(Update.class, "setClauseList", SetClauseList.class);
            Class<?> actions = Class.forName("[Lorg.h2.command.dml.SetClauseList$UpdateAction;");
            ACTIONS = in(SetClauseList.class).findVarHandle(SetClauseList.class, "actions", actions);
            SIMPLE = Class.forName("org.h2.command.dml.SetClauseList$SetSimple");
            EXPRESSION = in(SIMPLE).findVarHandle(SIMPLE, "expression", Expression.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private Assignments() {}

    private static MethodHandles.Lookup in(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }

    /** Takes a value, or throws if it may not be set. */
    @FunctionalInterface
    public interface Check {
        void check(Value value) throws SQLException;
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
