package io.mortise.engine.storage.h2;

import java.util.StringJoiner;
import org.h2.result.SearchRow;
import org.h2.table.Column;

/** The values of a key as people read them: {@code ID=42, NAME='a'}. Stateless. */
public final class KeyText {
    private KeyText() {}

    public static String of(Column[] columns, SearchRow row) {
        StringJoiner text = new StringJoiner(", ");
        for (Column column : columns) {
            text.add(column.getName() + "=" + row.getValue(column.getColumnId()).getTraceSQL());
        }
        return text.toString();
    }
}
