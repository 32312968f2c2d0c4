package io.mortise.postgres.lock;

import io.mortise.engine.lock.LockTarget;
import io.mortise.postgres.server.ServerLock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The keys of rows that somebody waits for, read by their places in their tables: one query a table, as the user who
 * looks. A row that has moved or gone, or may not be read, has none. One thread at a time.
 */
final class RowKeys {
    private static final int MOST_ROWS = 1_000;
    private static final String COLUMNS = "SELECT pg_catalog.quote_ident(a.attname), t.typcategory, a.attname,"
            + " pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)"
            + " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            + " LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary"
            + " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
            + " LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
            + " WHERE c.oid = ?::bigint::oid ORDER BY pg_catalog.array_position(i.indkey::int2[], a.attnum)";

    private final Connection connection;

    /** A column of a primary key; {@code quoted} is empty where the table has none. */
    private record Column(String quoted, boolean isNumber, String name, String table) {}

    RowKeys(Connection connection) {
        this.connection = connection;
    }

    Map<LockTarget, String> of(List<ServerLock> locks) {
        Map<Long, List<ServerLock>> byTable = locks.stream()
                .filter(lock -> lock.isOf("tuple") && lock.key().isEmpty())
                .collect(Collectors.groupingBy(ServerLock::relation, TreeMap::new, Collectors.toList()));
        Map<LockTarget, String> keys = new HashMap<>();
        byTable.forEach((table, rows) -> {
            try {
                read(table, rows, keys);
            } catch (SQLException e) { // Not readable for this user, or locked altogether.
                System.getLogger(RowKeys.class.getName())
                        .log(System.Logger.Level.DEBUG, "reading keys of table " + table, e);
            }
        });
        return keys;
    }

    private void read(long table, List<ServerLock> rows, Map<LockTarget, String> keys) throws SQLException {
        List<Column> columns = columns(table);
        if (columns.isEmpty()) {
            return;
        }
        boolean hasKey = !columns.get(0).quoted().isEmpty();
        String selected = hasKey
                ? columns.stream()
                        .map(column -> ", " + column.quoted() + "::text")
                        .collect(Collectors.joining())
                : "";
        String sql = "SELECT ctid::text" + selected + " FROM ONLY "
                + columns.get(0).table() + " WHERE ctid = ANY (?::pg_catalog.tid[])";
        Map<String, LockTarget> places = new HashMap<>();
        for (ServerLock row : rows) {
            if (places.size() < MOST_ROWS) { // Of rows, and not of those that wait for them.
                places.put("(" + row.page() + "," + row.tuple() + ")", Told.row(row));
            }
        }
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setArray(1, connection.createArrayOf("text", places.keySet().toArray()));
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    String place = found.getString(1);
                    keys.put(places.get(place), hasKey ? key(columns, found) : "ctid=" + place);
                }
            }
        }
    }

    private List<Column> columns(long table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, table);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    String quoted = rows.getString(1);
                    columns.add(new Column(
                            quoted == null ? "" : quoted,
                            "N".equals(rows.getString(2)),
                            String.valueOf(rows.getString(3)),
                            rows.getString(4)));
                }
            }
        }
        return columns;
    }

    private static String key(List<Column> columns, ResultSet row) throws SQLException {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String value = String.valueOf(row.getString(i + 2));
            Column column = columns.get(i);
            parts.add(column.name() + "=" + (column.isNumber() ? value : "'" + value.replace("'", "''") + "'"));
        }
        return String.join(", ", parts);
    }
}
