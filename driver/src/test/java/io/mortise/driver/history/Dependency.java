package io.mortise.driver.history;

/**
 * Of two transactions, the one that must have run first in any order that explains the history, and why. Immutable.
 *
 * @param row that tells; -1 for {@link Kind#TIME}
 */
record Dependency(int first, int then, Kind kind, int row) {
    /** Why. */
    enum Kind {
        /** The one overwrote what the other had written. */
        WRITE_WRITE("was overwritten by"),
        /** The one read what the other had written. */
        WRITE_READ("was read by"),
        /** The one overwrote, or brought into being, what the other had read, or read to be absent. */
        READ_WRITE("read what was overwritten by"),
        /** The one began after the other had been told that it is committed. */
        TIME("had ended before the beginning of");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    @Override
    public String toString() {
        return "T" + first + " " + kind.words + " T" + then + (row < 0 ? "" : " on row " + row);
    }
}
