package io.mortise.postgres.command;

import java.util.Optional;

/**
 * What happens to the rows of a text, written at its beginning as a comment. So it travels with a prepared statement,
 * and the server reads the values of its parameters. Immutable.
 *
 * @param argument what the kind needs to know besides the rows; empty if nothing
 */
record Marked(Kind kind, String argument) {
    private static final String BEGINNING = "/*mortise ";
    private static final String END = "*/ ";

    /** What is done. */
    enum Kind {
        /** Rows: a session, and 1 or 2. */
        ABORT,
        /** Rows: processes. */
        KILL_QUERY,
        /** A row: a session, and how if the argument does not say it. */
        KILL_SESSION,
        /** A row: a statement of ours. */
        STOP_STATEMENT,
        /** A row: a name, and milliseconds. */
        ADVISORY_LOCK,
        SESSION_LOCK,
        SESSION_UNLOCK,
        CLOSE_SESSION,
        /** No rows: it is the server's statement, with so many milliseconds to wait. */
        LOCK_TABLE
    }

    static Marked of(Kind kind) {
        return new Marked(kind, "");
    }

    String before(String sql) {
        return BEGINNING + kind + (argument.isEmpty() ? "" : " " + argument) + END + sql;
    }

    static Optional<Marked> in(String text) {
        if (!text.startsWith(BEGINNING)) {
            return Optional.empty();
        }
        int end = text.indexOf(END);
        String[] words = text.substring(BEGINNING.length(), Math.max(BEGINNING.length(), end))
                .split(" ", 2);
        for (Kind kind : Kind.values()) {
            if (kind.name().equals(words[0])) {
                return Optional.of(new Marked(kind, words.length > 1 ? words[1] : ""));
            }
        }
        return Optional.empty();
    }
}
