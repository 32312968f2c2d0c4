package io.mortise.bench.goal;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A number that was set, and where the figure stands that it is about. Immutable.
 *
 * @param what in the words of whoever set it
 * @param of the figure; of a ratio, what is divided
 * @param by what it is divided by, if it is a ratio of two figures
 */
record Goal(String what, Cell of, Optional<Cell> by, Bound bound, double limit, String unit) {
    enum Bound {
        AT_LEAST("at least"),
        AT_MOST("at most");

        private final String words;

        Bound(String words) {
            this.words = words;
        }

        private boolean holds(double figure, double limit) {
            return this == AT_LEAST ? figure >= limit : figure <= limit;
        }
    }

    /** What is to be reached, what was, and whether that is enough. */
    List<String> verdict(Cell.Tables tables) {
        OptionalDouble figure = measured(tables);
        String goal = bound.words + " " + text(limit);
        if (figure.isEmpty()) {
            return List.of(what, goal, "-", "not measured");
        }
        return List.of(
                what,
                goal,
                text(figure.getAsDouble()),
                bound.holds(figure.getAsDouble(), limit) ? "held" : "**missed**");
    }

    private OptionalDouble measured(Cell.Tables tables) {
        OptionalDouble figure = of.read(tables);
        if (by.isEmpty() || figure.isEmpty()) {
            return figure;
        }
        OptionalDouble divisor = by.get().read(tables);
        return divisor.isEmpty() ? divisor : OptionalDouble.of(figure.getAsDouble() / divisor.getAsDouble());
    }

    private String text(double figure) {
        String number = String.format(Locale.ROOT, "%.2f", figure);
        return unit.isEmpty() ? number : number + " " + unit;
    }
}
