package io.mortise.engine.storage.command;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.slot.LookingMutex;
import io.mortise.engine.storage.slot.SlotlessReader;
import org.h2.command.query.Select;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.expression.Alias;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionColumn;
import org.h2.expression.Parameter;
import org.h2.expression.ValueExpression;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * A query that reads one row of one table in autocommit, and calls nothing that could do more. It reads without a slot
 * of the store. One for each statement; on the thread that runs it.
 */
final class LoneRead {
    private @Nullable SlotlessReader reader; // while the query runs

    /**
     * Does a query that looks once, for the row of one number, give out what stands in that row and nothing else? A
     * large object would be copied for the client, and a trigger runs what it likes.
     */
    static boolean isPossible(Select query) {
        return query.getOffset() == null
                && query.getFetch() == null
                && query.getTopTableFilter().getTable() instanceof LockableTable table
                && !table.isMeta()
                && !table.hasSelectTrigger()
                && !table.getContainsLargeObject()
                && query.getExpressions().stream().allMatch(LoneRead::isPlain);
    }

    private static boolean isPlain(Expression expression) {
        Expression named = expression instanceof Alias alias ? alias.getNonAliasExpression() : expression;
        int type = named.getType().getValueType();
        return (named instanceof ExpressionColumn || named instanceof Parameter || named instanceof ValueExpression)
                && type != Value.ARRAY
                && type != Value.ROW
                && type != Value.CLOB
                && type != Value.BLOB;
    }

    /**
     * Begins what such a query reads by. False if it needs a slot this time: because it is part of a transaction, notes
     * or locks what it reads, or goes on to read when it has ended.
     */
    boolean begins(StorageSession own) {
        SlotlessReader found = isAlone(own) ? LookingMutex.reader(own.h2()) : null;
        reader = found;
        if (found == null) {
            return false;
        }
        found.begin().markStatementStart(Reach.NOTHING); // It counts as a user of the pages that it may read.
        return true;
    }

    private static boolean isAlone(StorageSession own) {
        SessionLocal session = own.h2();
        return H2Reflection.transaction(session) == null
                && session.getAutoCommit()
                && session.getIsolationLevel() == IsolationLevel.READ_COMMITTED
                && own.storage().policy().readsTakeNoLocks()
                && !session.isLazyQueryExecution()
                && own.storage().database().getLockMode() != 0
                && !own.storage().database().getStore().getMvStore().isClosed();
    }

    /** The session is about to commit. */
    void commits() {
        SlotlessReader used = reader;
        if (used != null) {
            used.ends();
        }
    }

    /** Takes from the session what the query has read by, unless that is over. True if it was still there. */
    boolean leave() {
        SlotlessReader used = reader;
        reader = null;
        boolean isIn = used != null && used.isIn();
        if (used != null) {
            used.leave();
        }
        return isIn;
    }
}
