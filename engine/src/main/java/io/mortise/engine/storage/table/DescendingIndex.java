package io.mortise.engine.storage.table;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.CatalogueNumbers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.h2.command.query.AllColumnsForPlan;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.result.SortOrder;
import org.h2.table.Column;
import org.h2.table.TableFilter;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * An index that can be read from its end. If a transaction reads a snapshot and has changed something, H2 puts the two
 * together in ascending order whichever way it reads. Read from the end, rows come in a wrong order, one that the
 * transaction has deleted is there, and MAX is wrong. Then this one reads from the beginning, and turns that round.
 * Stateless.
 */
final class DescendingIndex extends Index {
    private final Index index;

    DescendingIndex(Index index) {
        super(
                index.getTable(),
                index.getId(),
                index.getName(),
                index.getIndexColumns(),
                index.getUniqueColumnCount(),
                index.getIndexType());
        this.index = index;
    }

    /**
     * H2 chooses an index for MIN and MAX as it runs. If it has chosen one that was not there yet as the statement was
     * read, or as the snapshot was taken, the one that it would choose among the others. While a statement is being
     * read it has no number.
     */
    static Index seen(Index chosen, Column column, StorageSession session) {
        LockableTable table = (LockableTable) chosen.getTable();
        if (!table.indexAges().isSince(chosen, 0)) {
            return chosen; // It was there from the beginning.
        }
        long plan = session.statements().prepared().map(CatalogueNumbers::of).orElse(0L);
        long age = session.snapshotAge().of(H2Reflection.transaction(session.h2()));
        long limit = plan > 0 ? Math.min(plan, age) : age;
        if (!table.indexAges().isSince(chosen, limit)) {
            return chosen;
        }
        return table.indexAges().seenBy(table.getIndexes(), limit).stream()
                .filter(index -> index.canGetFirstOrLast() && index.isFirstColumn(column))
                .min(Comparator.comparingInt(index -> index.getColumns().length))
                .orElse(chosen);
    }

    private static boolean mixesUp(SessionLocal session) {
        Transaction transaction = session.getTransaction();
        return !transaction.allowNonRepeatableRead() && transaction.hasChanges();
    }

    @Override
    public Cursor find(SessionLocal session, SearchRow first, SearchRow last, boolean isReverse) {
        if (!isReverse || !mixesUp(session)) {
            return index.find(session, first, last, isReverse);
        }
        List<SearchRow> rows = new ArrayList<>();
        Cursor ascending = index.find(session, last, first, false);
        while (ascending.next()) {
            rows.add(ascending.getSearchRow());
        }
        Collections.reverse(rows);
        return rows(session, rows);
    }

    private Rows rows(SessionLocal session, List<SearchRow> rows) {
        // What a secondary index finds may be a Row too, and has its own columns only.
        return new Rows(
                rows,
                found -> index.isRowIdIndex() && found instanceof Row row
                        ? row
                        : index.getTable().getRow(session, found.getKey()));
    }

    boolean isOf(Index other) {
        return index == other;
    }

    @Override
    public boolean canGetFirstOrLast() {
        return index.canGetFirstOrLast();
    }

    /** {@inheritDoc} Nulls do not count. */
    @Override
    public Cursor findFirstOrLast(SessionLocal session, boolean isFirst) {
        if (isFirst || !mixesUp(session)) {
            return index.findFirstOrLast(session, isFirst);
        }
        int column = index.getIndexColumns()[0].column.getColumnId();
        List<SearchRow> last = List.of();
        Cursor ascending = index.find(session, null, null, false);
        while (ascending.next()) {
            SearchRow row = ascending.getSearchRow();
            if (row.getValue(column) != ValueNull.INSTANCE) {
                last = List.of(row);
            }
        }
        Rows rows = rows(session, last);
        rows.next();
        return rows;
    }

    @Override
    public int getColumnIndex(Column column) {
        return index.getColumnIndex(column);
    }

    @Override
    public boolean isFirstColumn(Column column) {
        return index.isFirstColumn(column);
    }

    @Override
    public boolean isRowIdIndex() {
        return index.isRowIdIndex();
    }

    @Override
    public double getCost(
            SessionLocal session,
            int[] masks,
            TableFilter[] filters,
            int filter,
            SortOrder order,
            AllColumnsForPlan columns,
            boolean isSelect) {
        return index.getCost(session, masks, filters, filter, order, columns, isSelect);
    }

    @Override
    public long getRowCount(SessionLocal session) {
        return index.getRowCount(session);
    }

    @Override
    public long getRowCountApproximation(SessionLocal session) {
        return index.getRowCountApproximation(session);
    }

    @Override
    public boolean needRebuild() {
        return false;
    }

    @Override
    public void close(SessionLocal session) {
        throw readOnly();
    }

    @Override
    public void add(SessionLocal session, Row row) {
        throw readOnly();
    }

    @Override
    public void remove(SessionLocal session, Row row) {
        throw readOnly();
    }

    @Override
    public void remove(SessionLocal session) {
        throw readOnly();
    }

    @Override
    public void truncate(SessionLocal session) {
        throw readOnly();
    }

    private static RuntimeException readOnly() {
        return DbException.getInternalError("it is for reading only");
    }

    private interface Reader {
        Row read(SearchRow found);
    }

    /** Rows that have been read already. One thread. */
    private static final class Rows implements Cursor {
        private final Iterator<SearchRow> rows;
        private final Reader reader;
        private @Nullable SearchRow current;

        Rows(List<SearchRow> rows, Reader reader) {
            this.rows = rows.iterator();
            this.reader = reader;
        }

        @Override
        public boolean next() {
            current = rows.hasNext() ? rows.next() : null;
            return current != null;
        }

        @Override
        @SuppressWarnings("NullAway") // null behind the last row, as H2's cursors have it
        public @Nullable SearchRow getSearchRow() {
            return current;
        }

        @Override
        @SuppressWarnings("NullAway")
        public @Nullable Row get() {
            SearchRow row = current;
            return row == null ? null : reader.read(row);
        }

        @Override
        public boolean previous() {
            throw readOnly();
        }
    }
}
