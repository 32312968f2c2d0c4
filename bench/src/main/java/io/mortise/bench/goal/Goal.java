package io.mortise.bench.goal;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A number that was set, and where the figure stands that it is about. Immutable.
 *
 * @param what in the words of whoever set it
 * @param of the figure; where it is compared, what is compared
 * @param with what it is compared with, if it is not a goal by itself
 */
record Goal(String what, Cell of, Optional<Comparison> with, Bound bound, double limit, String unit) {
    /** How a figure is to be seen beside another. */
    enum Relation {
        DIVIDED_BY,
        BEYOND;

        private double of(double figure, double other) {
            return this == DIVIDED_BY ? figure / other : figure - other;
        }
    }

    record Comparison(Relation relation, Cell other) {}

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
            return List.of(what, goal, "-", "-", "not measured");
        }
        return List.of(
                what,
                goal,
                text(figure.getAsDouble()),
                of.spread(tables).orElse("-"),
                bound.holds(figure.getAsDouble(), limit) ? "held" : "**missed**");
    }

    private OptionalDouble measured(Cell.Tables tables) {
        OptionalDouble figure = of.read(tables);
        if (with.isEmpty() || figure.isEmpty()) {
            return figure;
        }
        OptionalDouble other = with.get().other.read(tables);
        return other.isEmpty()
                ? other
                : OptionalDouble.of(with.get().relation.of(figure.getAsDouble(), other.getAsDouble()));
    }

    private String text(double figure) {
        String number = String.format(Locale.ROOT, "%.2f", figure);
        return unit.isEmpty() ? number : number + " " + unit;
    }
}
