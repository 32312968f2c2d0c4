package io.mortise.postgres.table;

import java.util.Set;

/** The server's words between which tables are found. Stateless. */
final class Keywords {
    static final Set<String> ENDS_FROM = Set.of(
            "WHERE",
            "GROUP",
            "ORDER",
            "HAVING",
            "LIMIT",
            "OFFSET",
            "FETCH",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "WINDOW",
            "FOR",
            "SELECT",
            "VALUES",
            "RETURNING",
            "SET");

    /** What can stand behind a table that has no other name in the statement. */
    static final Set<String> BEHIND = Set.of(
            "WHERE",
            "GROUP",
            "ORDER",
            "HAVING",
            "LIMIT",
            "OFFSET",
            "FETCH",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "WINDOW",
            "FOR",
            "JOIN",
            "INNER",
            "LEFT",
            "RIGHT",
            "FULL",
            "CROSS",
            "NATURAL",
            "ON",
            "USING",
            "TABLESAMPLE",
            "RETURNING",
            "SET",
            "INTO",
            "WITH");

    /** What a parenthesis can follow that is not an argument's. */
    static final Set<String> NO_FUNCTIONS =
            Set.of("WHERE", "HAVING", "ON", "USING", "AS", "IN", "UNION", "EXCEPT", "INTERSECT", "AND", "OR", "NOT");

    static final Set<String> KEPT_STATEMENTS = Set.of("CREATE", "PREPARE", "ALTER");

    private Keywords() {}
}
