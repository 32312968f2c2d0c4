package io.mortise.engine.storage.explain;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.storage.serial.FilterCursors;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.table.NotingTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.h2.engine.IsolationLevel;
import org.h2.expression.condition.Comparison;
import org.h2.index.Index;
import org.h2.index.IndexCondition;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.table.TableFilter;
import org.h2.util.HasSQL;

/**
 * What a serializable transaction would note of the reads of a statement that H2 has planned. For each table that the
 * statement and its subqueries name: the range of the index that H2 would read, or all of it. Nothing is read. One
 * thread.
 */
final class PlannedReads {
    private final StorageSession session;
    private final Set<TableFilter> filters = Collections.newSetFromMap(new IdentityHashMap<>());

    PlannedReads(StorageSession session) {
        this.session = session;
    }

    /** Runs what plans the statement, and hears of its tables. */
    <T> T during(Supplier<T> planning) {
        session.statements().note(NotingTable.PLANNED, filters::add);
        try {
            return planning.get();
        } finally {
            session.statements().note(NotingTable.PLANNED, ignored -> {});
        }
    }

    /** Empty where the transaction would note nothing. */
    List<Explanations.ReadNote> notes() {
        List<Explanations.ReadNote> notes = new ArrayList<>();
        boolean isNoting = session.h2().getIsolationLevel() == IsolationLevel.SERIALIZABLE
                && session.storage().policy().serializesBySnapshot();
        for (TableFilter filter : isNoting ? filters : Set.<TableFilter>of()) {
            if (filter.getTable() instanceof LockableTable table && !table.isPrivate()) {
                notes.add(note(table.target(), filter));
            }
        }
        return notes.stream().distinct().toList();
    }

    private static Explanations.ReadNote note(LockTarget.Table table, TableFilter filter) {
        Index index = filter.getIndex();
        boolean isRead = index instanceof MVSecondaryIndex || index instanceof MVDelegateIndex;
        List<IndexCondition> bounds = FilterCursors.conditions(filter).stream()
                .filter(each -> isRead && isBound(each))
                .toList();
        boolean isRange = bounds.stream()
                .anyMatch(each -> !each.isCompoundColumns() && index.getColumnIndex(each.getColumn()) == 0);
        return isRange
                ? new Explanations.ReadNote(table, Optional.of(index.getName() + ": " + text(bounds)))
                : new Explanations.ReadNote(table, Optional.empty());
    }

    private static boolean isBound(IndexCondition condition) {
        boolean isList =
                condition.getCompareType() == Comparison.IN_LIST || condition.getCompareType() == Comparison.IN_ARRAY;
        return condition.isStart() || condition.isEnd() || isList && !condition.isCompoundColumns();
    }

    private static String text(List<IndexCondition> bounds) {
        return String.join(
                " AND ",
                bounds.stream().map(each -> each.getSQL(HasSQL.TRACE_SQL_FLAGS)).toList());
    }
}
