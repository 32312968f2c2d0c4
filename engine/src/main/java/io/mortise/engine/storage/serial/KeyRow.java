package io.mortise.engine.storage.serial;

import io.mortise.engine.serial.Image;
import io.mortise.engine.storage.h2.KeyText;
import org.h2.index.Index;
import org.h2.result.SearchRow;
import org.h2.table.Column;
import org.h2.table.Table;

/** A row by its number, and by those of its values that stand in an index. Immutable. */
record KeyRow(long number, SearchRow values, Index named) implements Image {
    static KeyRow of(Table table, SearchRow row) {
        SearchRow values = table.getTemplateRow();
        values.setKey(row.getKey());
        for (Index index : table.getIndexes()) {
            if (!index.getIndexType().isScan()) {
                for (Column column : index.getColumns()) {
                    values.setValue(column.getColumnId(), row.getValue(column.getColumnId()));
                }
            }
        }
        Index key = table.findPrimaryKey();
        return new KeyRow(row.getKey(), values, key == null ? table.getScanIndex(null) : key);
    }

    @Override
    public String text() {
        return named.getIndexType().isScan() ? "_ROWID_=" + number : KeyText.of(named.getColumns(), values);
    }
}
