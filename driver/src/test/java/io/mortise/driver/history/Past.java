package io.mortise.driver.history;

import java.util.List;

/**
 * One transaction that is over. Immutable.
 *
 * @param name its number, unique in the history
 * @param began before its first statement was sent
 * @param ended after its commit had been acknowledged
 * @param deeds what it read and wrote, in order; what it rolled back to a savepoint is not among it
 */
record Past(int name, boolean committed, long began, long ended, List<Deed> deeds) {
    Past {
        deeds = List.copyOf(deeds);
    }

    /** What a transaction did with one row. */
    sealed interface Deed {
        int row();
    }

    /** It added its number to the end of a row's list; no number is added twice. */
    record Append(int row, int value) implements Deed {
        @Override
        public String toString() {
            return "adds " + value + " to row " + row;
        }
    }

    /** It read a row's list; a row that is not there has an empty one. */
    record Read(int row, List<Integer> values) implements Deed {
        Read {
            values = List.copyOf(values);
        }

        @Override
        public String toString() {
            return "reads row " + row + " = " + values;
        }
    }

    @Override
    public String toString() {
        return "T" + name + (committed ? "" : " (rolled back)") + " " + deeds;
    }
}
