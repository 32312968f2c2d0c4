package io.mortise.postgres.table;

import io.mortise.engine.virtual.VirtualTable;
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
        "\"SYS"
    };

    private static boolean isOurs(String text, int at) {
        char c = Character.toUpperCase(text.charAt(at));
        if ("SILBTEDPK\"".indexOf(c) < 0) {
            return false;
        }
        for (String beginning : BEGINNINGS) {
            if (text.regionMatches(true, at, beginning, 0, beginning.length())) {
                return true;
            }
        }
        return false;
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
        return switch (type) {
            case "BIGINT" -> "int8";
            case "INTEGER" -> "int4";
            case "BOOLEAN" -> "bool";
            case "DOUBLE PRECISION" -> "float8";
            case "TIMESTAMP WITH TIME ZONE" -> "timestamptz";
            default -> "text";
        };
    }
}
