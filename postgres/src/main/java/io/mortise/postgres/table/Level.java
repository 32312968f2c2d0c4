package io.mortise.postgres.table;

/** What a pair of parentheses, or the whole text, holds so far. One thread at a time. */
final class Level {
    /** Are these the arguments of a function? There FROM is no list of tables: {@code EXTRACT(EPOCH FROM t)}. */
    final boolean isCall;

    boolean inFrom;
    boolean expectsTable;

    Level(boolean isCall, boolean expectsTable) {
        this.isCall = isCall;
        this.inFrom = expectsTable;
        this.expectsTable = expectsTable;
    }
}
