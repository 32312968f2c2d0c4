package io.mortise.postgres.table;

import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The names of our tables, and the table that each becomes in a statement. Immutable. */
public final class OurTables {
    /** Where the rows of a table are put for the server to read. */
    private static final String PLACE = "mortise.rows_";

    private final Map<String, VirtualTable<?>> byName = new HashMap<>();
    private final Map<String, VirtualTable<?>> functions = new HashMap<>();

    /** @param functions that are called without arguments, and return a table */
    public OurTables(List<VirtualTable<?>> tables, List<VirtualTable<?>> functions) {
        tables.forEach(table -> byName.put(table.schema() + "." + table.name(), table));
        functions.forEach(table -> this.functions.put(table.name(), table));
    }

    /** @param schema empty where none is named: {@code SYS} is on the search path, so to say */
    Optional<VirtualTable<?>> table(String schema, String name) {
        return Optional.ofNullable(byName.get((schema.isEmpty() ? "SYS" : schema) + "." + name));
    }

    Optional<VirtualTable<?>> function(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    /** Might a text name one of them? Quick, and wrong at times: most texts go by. */
    public boolean mayBeIn(String text) {
        for (int i = 0; i < text.length(); i++) {
            boolean isStart = i == 0 || (!Character.isLetterOrDigit(text.charAt(i - 1)) && text.charAt(i - 1) != '_');
            if (isStart && isOurs(text, i)) {
                return true;
            }
        }
        return false;
    }

    private static final String[] BEGINNINGS = {
        "SYS.",
        "SYSTEM.",
        "IPE_",
        "SHOW_",
        "LOCK",
        "BLOCKING",
        "SESSIONS",
        "TRANSACTIONS",
        "STATEMENTS",
        "ERRORS",
        "DEADLOCK",
        "PARAMETERS",
        "KILL",
        "\"SYS",
        "STOP_STATEMENT",
        "SESSION_LOCK",
        "SESSION_UNLOCK",
        "ADVISORY_",
        "CLOSE_SESSION",
        "RELEASE_DEFUNCT",
        "ROW_LOCKS",
        "REMOVE_",
        "UNLOCK_SYSTEM",
        "SET_PARAMETER",
        "EXPLAIN_"
    };

    private static boolean isOurs(String text, int at) {
        char c = Character.toUpperCase(text.charAt(at));
        if ("SILBTEDPK\"ACRU".indexOf(c) < 0) {
            return false;
        }
        for (String beginning : BEGINNINGS) {
            if (text.regionMatches(true, at, beginning, 0, beginning.length())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Stands at the cursor a table of ours whose sessions can be aborted? The cursor moves behind its name.
     *
     * @param owned who has tables of their own
     */
    public boolean isAbortable(PgTokens tokens, References.Owned owned) throws SQLException {
        String name = tokens.name();
        String schema = "";
        tokens.next();
        if (tokens.isSymbol('.')) {
            tokens.next();
            schema = name;
            name = tokens.name();
            tokens.next();
        }
        return table(schema, name).filter(OurTables::hasAbort).isPresent()
                && !owned.has(schema.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
    }

    private static boolean hasAbort(VirtualTable<?> table) {
        return table.columns().stream().anyMatch(column -> column.update().isPresent());
    }

    /** A query that tells the columns of a table, and what they hold; empty if it is none of ours. */
    public Optional<String> explained(String schema, String name) {
        return table(schema, name)
                .map(table -> table.columns().stream()
                        .map(column -> "(" + quoted(column.name().toLowerCase(Locale.ROOT)) + ", "
                                + quoted(type(column.type())) + ", " + quoted(column.description()) + ")")
                        .collect(Collectors.joining(
                                ", ",
                                "SELECT * FROM (VALUES ",
                                ") AS explained(column_name, data_type, description)")));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** The setting of the server's session that holds the rows of a table while a statement reads it. */
    public static String place(VirtualTable<?> table) {
        return PLACE + (table.schema() + "_" + table.name()).toLowerCase(Locale.ROOT);
    }

    /** A derived table without an alias. */
    static String derived(VirtualTable<?> table) {
        String columns = table.columns().stream()
                .map(column -> "\"" + column.name().toLowerCase(Locale.ROOT) + "\" pg_catalog." + type(column.type()))
                .collect(Collectors.joining(", "));
        return "(SELECT * FROM pg_catalog.json_to_recordset(pg_catalog.current_setting('" + place(table)
                + "')::pg_catalog.json) AS r(" + columns + "))";
    }

    private static String type(String type) {
        return ColumnType.of(type).name().toLowerCase(Locale.ROOT);
    }

    /** Those that are no functions. */
    List<VirtualTable<?>> all() {
        return List.copyOf(byName.values());
    }
}
