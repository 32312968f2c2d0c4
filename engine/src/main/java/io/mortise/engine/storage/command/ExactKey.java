package io.mortise.engine.storage.command;

import io.mortise.engine.storage.h2.H2Reflection;
import java.util.List;
import java.util.function.Supplier;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Update;
import org.h2.command.query.Select;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.Parameter;
import org.h2.expression.condition.Comparison;
import org.h2.index.IndexCondition;
import org.h2.result.ResultInterface;
import org.h2.table.TableFilter;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a statement that is nothing but the number by which its one row is looked for, as in {@code WHERE ID
 * = ?}. H2 looks for the row by that number, and then asks whether the row has it. If the number is one, and not a text
 * or a rounded decimal, nobody has to ask: the condition is taken out of the statement while it runs. One thread.
 */
final class ExactKey {
    /** The condition says more, or something else. */
    static final ExactKey NONE = new ExactKey(null, null);

    private final @Nullable Expression condition;
    private final @Nullable Parameter number;

    private ExactKey(@Nullable Expression condition, @Nullable Parameter number) {
        this.condition = condition;
        this.number = number;
    }

    /** @param statement looks for one row of one table, by the number that this is stored under */
    static ExactKey of(Prepared statement) {
        Expression condition = condition(statement);
        TableFilter filter = filter(statement);
        if (!(condition instanceof Comparison) || filter == null) {
            return NONE;
        }
        List<IndexCondition> looks = H2Reflection.indexConditions(filter);
        boolean isAll = looks.size() == 1 && isThis(condition, looks.get(0), filter);
        return isAll && looks.get(0).getExpression() instanceof Parameter number
                ? new ExactKey(condition, number)
                : NONE;
    }

    private static boolean isThis(Expression condition, IndexCondition look, TableFilter filter) {
        Expression left = condition.getSubexpression(0);
        Expression right = condition.getSubexpression(1);
        Expression number = look.getExpression();
        Expression other = left == number ? right : left;
        return (left == number || right == number)
                && look.getCompareType() == Comparison.EQUAL
                && other instanceof ExpressionColumn column
                && column.getColumn() == look.getColumn()
                && column.getTableFilter() == filter;
    }

    private static @Nullable Expression condition(Prepared statement) {
        if (statement instanceof Select select) {
            return select.getCondition();
        }
        return statement instanceof Update update ? update.getCondition() : ((Delete) statement).getCondition();
    }

    private static @Nullable TableFilter filter(Prepared statement) {
        if (statement instanceof Select select) {
            return select.getTopTableFilter();
        }
        return statement instanceof Update update ? update.getTableFilter() : ((Delete) statement).getTableFilter();
    }

    ResultInterface query(Prepared statement, long maxRows) {
        return run(statement, () -> statement.query(maxRows));
    }

    long update(Prepared statement) {
        return isWhole() ? run(statement, statement::update) : statement.update();
    }

    /** The number that is looked for now, if nothing else has to be asked of the row; else null. */
    @Nullable
    Value number() {
        Parameter given = number;
        return given != null && isWhole() ? given.getParamValue() : null;
    }

    /** Runs this with the condition taken out of the statement, if that need not be asked. */
    <T> T run(Prepared statement, Supplier<T> execution) {
        if (!isWhole()) {
            return execution.get();
        }
        put(statement, null);
        try {
            return execution.get();
        } finally {
            put(statement, condition);
        }
    }

    /** Is what is looked for a whole number now? */
    private boolean isWhole() {
        Parameter given = number;
        if (given == null || !given.isValueSet()) {
            return false;
        }
        int type = given.getParamValue().getValueType();
        return type >= Value.TINYINT && type <= Value.BIGINT;
    }

    @SuppressWarnings("NullAway") // H2 has null where there is no condition
    private static void put(Prepared statement, @Nullable Expression condition) {
        if (statement instanceof Select select) {
            CommandReflection.setCondition(select, condition);
        } else if (statement instanceof Update update) {
            update.setCondition(condition);
        } else {
            ((Delete) statement).setCondition(condition);
        }
    }
}
