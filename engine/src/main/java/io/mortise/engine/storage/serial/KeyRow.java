package io.mortise.engine.storage.serial;

import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note;
import io.mortise.engine.storage.h2.KeyText;
import java.util.List;
import org.h2.index.Index;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** A row by its number, and by those of its values that stand in an index. Immutable. */
record KeyRow(long number, SearchRow values, Index named, long bits) implements Image {
    /** So many bytes of values are kept in a note. */
    private static final int MOST = 4_096;
    /** The first index of a table is the one of all its rows. */
    private static final int SCAN_AND_KEY = 2;

    /** Is that too much to be kept in a note? */
    static boolean isLarge(Index index, @Nullable SearchRow row) {
        int bytes = 0;
        for (Column column : index.getColumns()) {
            @Nullable Value value = row == null ? null : row.getValue(column.getColumnId());
            bytes += value == null ? 0 : value.getMemory();
        }
        return bytes > MOST;
    }

    /** Is it better noted as the whole table? */
    boolean isLarge(Table table) {
        List<Index> indexes = table.getIndexes();
        for (int i = 0; i < indexes.size(); i++) {
            Index index = indexes.get(i);
            if (!index.getIndexType().isScan() && !(index instanceof MVDelegateIndex) && isLarge(index, values)) {
                return true;
            }
        }
        return false;
    }

    /** Has the row the number and the keys that this has? */
    boolean isSame(Table table, SearchRow row) {
        if (row.getKey() != number) {
            return false;
        }
        List<Index> indexes = table.getIndexes();
        for (int i = 0; i < indexes.size(); i++) {
            Index index = indexes.get(i);
            if (!index.getIndexType().isScan() && !isSame(index, row)) {
                return false;
            }
        }
        return true;
    }

    private boolean isSame(Index index, SearchRow row) {
        for (Column column : index.getColumns()) {
            @Nullable Value mine = values.getValue(column.getColumnId());
            @Nullable Value other = row.getValue(column.getColumnId());
            if (mine != other && (mine == null || other == null || !mine.equals(other))) {
                return false;
            }
        }
        return true;
    }

    static KeyRow of(Table table, SearchRow row) {
        List<Index> indexes = table.getIndexes();
        SearchRow values = empty(table, indexes);
        values.setKey(row.getKey());
        long bits = Note.ALL;
        @Nullable Index key = null;
        for (int i = 0; i < indexes.size(); i++) {
            Index index = indexes.get(i);
            if (index.getIndexType().isScan()) {
                continue;
            }
            for (Column column : index.getColumns()) {
                values.setValue(column.getColumnId(), row.getValue(column.getColumnId()));
            }
            if (index instanceof MVDelegateIndex) { // Of such an index only KeyRange gives bits.
                bits = KeyRange.bit(row.getValue(index.getColumns()[0].getColumnId()));
            }
            if (key == null && index.getIndexType().isPrimaryKey()) {
                key = index;
            }
        }
        return new KeyRow(row.getKey(), values, key == null ? table.getScanIndex(null) : key, bits);
    }

    /** Has room for what stands in an index: of a table with one index, for nothing else. */
    private static SearchRow empty(Table table, List<Index> indexes) {
        return indexes.size() == SCAN_AND_KEY ? indexes.get(1).getRowFactory().createRow() : table.getTemplateRow();
    }

    @Override
    public String text() {
        return named.getIndexType().isScan() ? "_ROWID_=" + number : KeyText.of(named.getColumns(), values);
    }
}
