package io.mortise.bench.goal;

import io.mortise.bench.report.Table;
import java.util.Map;
import java.util.OptionalDouble;

/** Where a figure stands: the column of that row of a part's table whose other columns say so. Immutable. */
record Cell(String part, Map<String, String> row, String column) {
    /** Empty if it was not measured. */
    OptionalDouble read(Tables tables) {
        Table table = tables.of(part);
        return table.rows().stream()
                .filter(cells -> row.entrySet().stream()
                        .allMatch(each -> cells.get(table.column(each.getKey())).equals(each.getValue())))
                .map(cells -> cells.get(table.column(column)))
                .filter(figure -> figure.matches("-?[0-9.]+"))
                .mapToDouble(Double::parseDouble)
                .findFirst();
    }

    /** The tables of a run, by the name of their part; an empty one if it has not run. */
    @FunctionalInterface
    interface Tables {
        Table of(String part);
    }
}
