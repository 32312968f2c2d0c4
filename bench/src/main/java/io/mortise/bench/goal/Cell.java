package io.mortise.bench.goal;

import io.mortise.bench.report.Table;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Where a figure stands: the column of that row of a part's table whose other columns say so. Immutable. */
record Cell(String part, Map<String, String> row, String column) {
    /** The median ratio of the rounds. */
    static final String TO_H2 = "to H2";

    /** The same where both are on a server. */
    static final String TO_PGJDBC = "to PGJDBC";

    /** The same where both are in a file, and where each commit is in it at once. */
    static final String TO_H2_FILE = "to H2_FILE";

    static final String TO_H2_NO_DELAY = "to H2_NO_DELAY";

    /** The same beside readers that lock at SERIALIZABLE. */
    static final String TO_LOCKS = "to LOCKS";

    private static final Set<String> RATIOS = Set.of(TO_H2, TO_PGJDBC, TO_H2_FILE, TO_H2_NO_DELAY, TO_LOCKS);

    private static final String LOWEST = "from";
    private static final String HIGHEST = "to";

    /** Empty if it was not measured. */
    OptionalDouble read(Tables tables) {
        return text(tables, column)
                .filter(figure -> figure.matches("-?[0-9.]+"))
                .map(figure -> OptionalDouble.of(Double.parseDouble(figure)))
                .orElse(OptionalDouble.empty());
    }

    /** The lowest and the highest of the rounds whose median it is; empty if the table does not say. */
    Optional<String> spread(Tables tables) {
        boolean isRatio = RATIOS.contains(column) && tables.of(part).columns().contains(LOWEST);
        return isRatio
                ? text(tables, LOWEST).flatMap(least -> text(tables, HIGHEST).map(most -> least + " to " + most))
                : Optional.empty();
    }

    private Optional<String> text(Tables tables, String wanted) {
        Table table = tables.of(part);
        return table.rows().stream()
                .filter(cells -> row.entrySet().stream()
                        .allMatch(each -> cells.get(table.column(each.getKey())).equals(each.getValue())))
                .map(cells -> cells.get(table.column(wanted)))
                .findFirst();
    }

    /** The tables of a run, by the name of their part; an empty one if it has not run. */
    @FunctionalInterface
    interface Tables {
        Table of(String part);
    }
}
