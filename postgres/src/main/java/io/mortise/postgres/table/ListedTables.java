package io.mortise.postgres.table;

import io.mortise.engine.virtual.VirtualTable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The server's metadata with our tables among its own, so that tools browse them. As thread-safe as what is below. */
public final class ListedTables implements InvocationHandler {
    /** What the server's own views of that kind are. */
    private static final String TYPE = "SYSTEM VIEW";

    private final DatabaseMetaData below;
    private final Connection connection;
    private final OurTables ours;
    /** What each table's remark ends with. */
    private final String caveat;

    private ListedTables(DatabaseMetaData below, Connection connection, OurTables ours, String caveat) {
        this.below = below;
        this.connection = connection;
        this.ours = ours;
        this.caveat = caveat;
    }

    /**
     * Shows our tables beside those below.
     *
     * @param caveat what the user cannot see in them; empty if they see all
     */
    public static DatabaseMetaData over(DatabaseMetaData below, Connection connection, OurTables ours, String caveat) {
        return (DatabaseMetaData) Proxy.newProxyInstance(
                ListedTables.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                new ListedTables(below, connection, ours, caveat));
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given) throws Throwable {
        Object[] arguments = given == null ? new Object[0] : given;
        Object theirs = called(method, arguments);
        Optional<Object[]> asked = Optional.of(arguments).filter(all -> all.length >= 2);
        return switch (method.getName()) {
            case "getTables" -> merged(theirs, tables(arguments), "2, 3");
            case "getColumns" -> merged(theirs, columns(arguments), "2, 3, 17");
            case "getSchemas" -> merged(theirs, schemas(asked.map(all -> all[1])), "1");
            default -> theirs;
        };
    }

    private @Nullable Object called(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(below, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private List<Map<String, Object>> schemas(Optional<Object> pattern) {
        return ours.all().stream()
                .map(table -> table.schema().toLowerCase(Locale.ROOT))
                .distinct()
                .filter(schema -> isLike(schema, pattern.orElse(null)))
                .map(schema -> Map.<String, Object>of("TABLE_SCHEM", schema))
                .toList();
    }

    private List<VirtualTable<?>> named(Object[] asked) {
        return ours.all().stream()
                .filter(table -> isLike(table.schema().toLowerCase(Locale.ROOT), asked[1]))
                .filter(table -> isLike(table.name().toLowerCase(Locale.ROOT), asked[2]))
                .toList();
    }

    /** By a pattern of JDBC's: null is any. */
    private static boolean isLike(String name, @Nullable Object pattern) {
        if (pattern == null) {
            return true;
        }
        StringBuilder expression = new StringBuilder();
        String text = pattern.toString();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                expression.append(Pattern.quote(text.substring(i, i + 1)));
            } else {
                expression.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return name.matches(expression.toString());
    }

    private List<Map<String, Object>> tables(Object[] asked) {
        if (asked[3] != null && !Arrays.asList((Object[]) asked[3]).contains(TYPE)) {
            return List.of();
        }
        return named(asked).stream()
                .map(table -> {
                    Map<String, Object> row = row(table);
                    row.put("TABLE_TYPE", TYPE);
                    row.put("REMARKS", table.description() + (caveat.isEmpty() ? "" : ". " + caveat));
                    return row;
                })
                .toList();
    }

    private static Map<String, Object> row(VirtualTable<?> table) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("TABLE_SCHEM", table.schema().toLowerCase(Locale.ROOT));
        row.put("TABLE_NAME", table.name().toLowerCase(Locale.ROOT));
        return row;
    }

    private List<Map<String, Object>> columns(Object[] asked) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (VirtualTable<?> table : named(asked)) {
            int position = 0;
            for (VirtualTable.Column<?> column : table.columns()) {
                position++;
                String name = column.name().toLowerCase(Locale.ROOT);
                if (isLike(name, asked[3])) {
                    Map<String, Object> row = row(table);
                    row.put("COLUMN_NAME", name);
                    row.put("ORDINAL_POSITION", position);
                    row.put("REMARKS", column.description());
                    row.putAll(ColumnType.of(column.type()).inMetaData());
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    /** @param order the numbers of the columns by which the answer is ordered */
    private @Nullable Object merged(@Nullable Object theirs, List<Map<String, Object>> rows, String order)
            throws SQLException {
        if (!(theirs instanceof ResultSet result) || rows.isEmpty()) {
            return theirs;
        }
        List<String> names = new ArrayList<>();
        String columns;
        List<Map<String, Object>> all = new ArrayList<>(rows);
        try (result) {
            ResultSetMetaData about = result.getMetaData();
            List<String> typed = new ArrayList<>();
            for (int i = 1; i <= about.getColumnCount(); i++) {
                names.add(about.getColumnLabel(i));
                typed.add("\"" + about.getColumnLabel(i) + "\" pg_catalog." + about.getColumnTypeName(i));
            }
            columns = String.join(", ", typed);
            while (result.next()) {
                all.add(read(result, names));
            }
        }
        PreparedStatement query =
                connection.prepareStatement("SELECT * FROM pg_catalog.json_to_recordset(?::pg_catalog.json)" + " AS r("
                        + columns + ") ORDER BY " + order);
        query.closeOnCompletion();
        query.setString(1, all.stream().map(JsonRows::object).collect(Collectors.joining(",", "[", "]")));
        return query.executeQuery();
    }

    private static Map<String, Object> read(ResultSet result, List<String> names) throws SQLException {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            String value = result.getString(i + 1);
            if (value != null) {
                row.put(names.get(i), value);
            }
        }
        return row;
    }
}
