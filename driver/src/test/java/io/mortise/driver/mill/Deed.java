package io.mortise.driver.mill;

/**
 * What a transaction did with one row, or learned of it. Versions have numbers; a row that is not there has 0.
 * Immutable.
 */
sealed interface Deed {
    int row();

    /** It read this version, or read with 0 that the row is not there. */
    record Read(int row, int version) implements Deed {
        @Override
        public String toString() {
            return version == 0 ? "misses row " + row : "reads " + version + " in row " + row;
        }
    }

    /** What it set out to do, as a letter of its {@link Field}: for people to read. */
    record Step(int row, char deed) implements Deed {
        @Override
        public String toString() {
            return deed + " " + row + ":";
        }
    }

    /** It learned that the row is there, and not in which version. */
    record Exists(int row) implements Deed {
        @Override
        public String toString() {
            return "needs row " + row;
        }
    }

    /**
     * It read the rows of a group, and this was not among them: it is not there, or its version is of the other one.
     */
    record Outside(int row, int group) implements Deed {
        @Override
        public String toString() {
            return "misses row " + row + " in group " + group;
        }
    }

    /**
     * If the row is there, it is gone with this, in whatever version it was.
     *
     * @param version a number for that
     * @param from nanoseconds, before the statement
     * @param at nanoseconds, after it
     */
    record Clear(int row, int version, long from, long at) implements Deed {
        @Override
        public String toString() {
            return "clears row " + row;
        }
    }

    /**
     * It wrote this version.
     *
     * @param previous what it overwrote; 0 where it brought the row into being
     * @param isLast is the row gone with it?
     * @param at nanoseconds, after the statement
     */
    record Write(int row, int version, int previous, boolean isLast, long at) implements Deed {
        @Override
        public String toString() {
            String what = previous == 0 ? "inserts " + version : (isLast ? "removes " : "overwrites ") + previous;
            return what + (previous == 0 || isLast ? "" : " with " + version) + " in row " + row;
        }
    }
}
