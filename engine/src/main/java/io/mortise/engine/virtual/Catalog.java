package io.mortise.engine.virtual;

import java.util.List;

/** The virtual tables and functions of an engine, handed to storage when the database opens. Immutable. */
public record Catalog(
        List<VirtualTable<?>> tables, List<VirtualFunction> functions, List<VirtualTableFunction<?>> tableFunctions) {
    public static final Catalog EMPTY = new Catalog(List.of(), List.of(), List.of());

    public Catalog {
        tables = List.copyOf(tables);
        functions = List.copyOf(functions);
        tableFunctions = List.copyOf(tableFunctions);
    }
}
