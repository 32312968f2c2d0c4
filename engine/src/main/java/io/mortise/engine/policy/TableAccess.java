package io.mortise.engine.policy;

/** What a statement does with one of its tables. */
public enum TableAccess {
    /** Reads it, be it in FROM or in a subquery. */
    READ,
    /** Reads at most one row of it, a full unique key of which is given by equality. */
    READ_BY_KEY,
    /** Looks in it, as the parent of a foreign key, for a row with the child's values. */
    REFERENCE,
    /** Inserts into it, or changes or deletes rows that it finds by searching. */
    WRITE,
    /** Changes or deletes at most one row of it, a full unique key of which is given by equality. */
    WRITE_BY_KEY,
    /** Changes the table itself, or wants it for itself alone. */
    WHOLE
}
