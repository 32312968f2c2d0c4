package io.mortise.watch.read;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a query: the names of its columns, and rows of texts, numbers, booleans and nulls. Times are
 * milliseconds since 1970. Immutable.
 */
public record Rows(List<String> columns, List<List<@Nullable Object>> rows) {
    /** What shows statements, or values out of them: a report that may be sent to others can do without. */
    private static final Set<String> PRIVATE = Set.of(
            "SQL_TEXT",
            "CURRENT_SQL",
            "LAST_SQL",
            "BLOCKING_SQL",
            "BLOCKING_LAST_SQL",
            "ACQUIRED_BY",
            "ROW_KEY",
            "ROW_HASH",
            "HOTTEST_ROW",
            "READ_PLACE",
            "READ_SQL",
            "WROTE_PLACE",
            "WROTE_SQL",
            "HINT",
            "SCRIPT",
            "SHAPE",
            "GRAPH_DOT",
            "GRAPH_JSON",
            "FIRST_SQL",
            "THEN_SQL",
            "INVERSE_FIRST_SQL",
            "INVERSE_THEN_SQL");

    /** Texts with the key of a row in brackets. */
    private static final Set<String> WITH_KEYS = Set.of("WAITS_FOR", "HOLDS");

    /** No rows, of no columns. */
    public static final Rows NONE = new Rows(List.of(), List.of());

    static Rows of(ResultSet result, int most) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(meta.getColumnLabel(i).toUpperCase(Locale.ROOT)); // PostgreSQL has them in lower case.
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        while (rows.size() < most && result.next()) {
            List<@Nullable Object> row = new ArrayList<>(columns.size());
            for (int i = 1; i <= columns.size(); i++) {
                row.add(plain(result.getObject(i)));
            }
            rows.add(Collections.unmodifiableList(row));
        }
        return new Rows(List.copyOf(columns), Collections.unmodifiableList(rows));
    }

    private static @Nullable Object plain(@Nullable Object value) {
        if (value instanceof OffsetDateTime time) {
            return time.toInstant().toEpochMilli();
        }
        if (value instanceof Timestamp time) {
            return time.getTime();
        }
        return value == null || value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public int size() {
        return rows.size();
    }

    /** The value in that row, if the query has the column and the value is not null. */
    public Optional<Object> get(int row, String column) {
        int at = columns.indexOf(column);
        return at < 0 ? Optional.empty() : Optional.ofNullable(rows.get(row).get(at));
    }

    /** The same as text; empty for null. */
    public String text(int row, String column) {
        return get(row, column).map(String::valueOf).orElse("");
    }

    /** The same as a number; 0 for null. */
    public long number(int row, String column) {
        return get(row, column)
                .filter(Number.class::isInstance)
                .map(value -> ((Number) value).longValue())
                .orElse(0L);
    }

    /** Without the texts of statements and without the keys of rows. */
    public Rows redacted() {
        List<List<@Nullable Object>> less = new ArrayList<>();
        for (List<@Nullable Object> row : rows) {
            List<@Nullable Object> copy = new ArrayList<>(row);
            for (int i = 0; i < columns.size(); i++) {
                Object value = row.get(i);
                if (PRIVATE.contains(columns.get(i))) {
                    copy.set(i, null);
                } else if (value != null && WITH_KEYS.contains(columns.get(i))) {
                    copy.set(i, withoutKey(value.toString()));
                }
            }
            less.add(Collections.unmodifiableList(copy));
        }
        return new Rows(columns, Collections.unmodifiableList(less));
    }

    /** {@code EX ROW PUBLIC.ACCOUNTS(ID=1)} without the brackets, {@code name 'x'} without the name. */
    static String withoutKey(String text) {
        int bracket = text.indexOf('(');
        int quote = text.indexOf('\'');
        int end = bracket < 0 ? quote : quote < 0 ? bracket : Math.min(bracket, quote);
        return end < 0 ? text : text.substring(0, end).stripTrailing();
    }
}
