package io.mortise.postgres.table;

/** What a pair of parentheses, or the whole text, holds so far. One thread at a time. */
final class Level {
    private final Kind kind;
    boolean inFrom;
    boolean expectsTable;

    /** What stands in the parentheses. */
    enum Kind {
        /** The arguments of a function. There FROM is no list of tables: {@code EXTRACT(EPOCH FROM t)}. */
        ARGUMENTS,
        /** Tables, or a query that is one. */
        TABLES,
        OTHERS
    }

    Level(Kind kind) {
        this.kind = kind;
        this.inFrom = kind == Kind.TABLES;
        this.expectsTable = inFrom;
    }

    boolean isCall() {
        return kind == Kind.ARGUMENTS;
    }
}
