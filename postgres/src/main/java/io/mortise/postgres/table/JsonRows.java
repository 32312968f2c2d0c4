package io.mortise.postgres.table;

import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTable.Column;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes the rows of a table as the server reads them again. Stateless. */
public final class JsonRows {
    private JsonRows() {}

    public static <R> String of(VirtualTable<R> table, Reader reader) throws SQLException {
        StringBuilder json = new StringBuilder("[");
        try (Stream<R> rows = table.rows(reader)) {
            rows.forEach(row -> {
                json.append(json.length() == 1 ? "{" : ",{");
                int first = json.length();
                for (Column<R> column : table.columns()) {
                    Object value = shown(column.name(), column.value().apply(row, reader));
                    if (value != null) {
                        json.append(json.length() == first ? "" : ",");
                        string(json, column.name().toLowerCase(Locale.ROOT));
                        json.append(':');
                        value(json, value);
                    }
                }
                json.append('}');
            });
        }
        return json.append(']').toString();
    }

    /** An object of these names and values. */
    static String object(Map<String, Object> row) {
        StringBuilder json = new StringBuilder("{");
        row.forEach((name, value) -> {
            json.append(json.length() == 1 ? "" : ",");
            string(json, name);
            json.append(':');
            value(json, value);
        });
        return json.append('}').toString();
    }

    /** What is not known of another process's sessions is NULL; and to wait for the server's answer is to run. */
    private static @Nullable Object shown(String column, @Nullable Object value) {
        Object plain = value instanceof Optional<?> optional ? optional.orElse(null) : value;
        if (plain == null) {
            return null;
        }
        String text = plain.toString();
        if (column.endsWith("STATE") && text.equals("IN IO")) {
            return "RUNNING";
        }
        boolean isUnknown = (column.contains("THREAD") && text.isEmpty())
                || (column.equals("BLOCKED_ON") && text.startsWith("java.net."))
                || (column.contains("STATEMENT_ID") && text.startsWith("-"))
                || (column.contains("QUERY_ID") && text.startsWith("q--"));
        return isUnknown ? null : plain;
    }

    private static void value(StringBuilder json, Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            string(json, value.toString());
        }
    }

    private static void string(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c == 0) {
                json.append("\\ufffd"); // The server's text has no such character.
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
