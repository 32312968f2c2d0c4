package io.mortise.engine.storage;

import java.util.StringJoiner;
import org.h2.result.SearchRow;
import org.h2.table.Column;

/** The values of a key as people read them: {@code ID=42, NAME='a'}. Stateless. */
final class KeyText {
    private KeyText() {}

    static String of(Column[] columns, SearchRow row) {
        StringJoiner text = new StringJoiner(", ");
        for (Column column : columns) {
            text.add(column.getName() + "=" + row.getValue(column.getColumnId()).getTraceSQL());
        }
        return text.toString();
    }
}
