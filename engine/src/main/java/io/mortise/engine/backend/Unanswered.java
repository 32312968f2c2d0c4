package io.mortise.engine.backend;

import java.util.regex.Pattern;

/** What has been sent to another process and has no answer: was it there to stay? Stateless. */
public final class Unanswered {
    /** How a text, or the name of a call, begins that commits by itself. */
    private static final Pattern COMMITS = Pattern.compile(
            "\\s*(?:COMMIT|SET\\s+AUTOCOMMIT|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|COMMENT|ANALYZE)\\b",
            Pattern.CASE_INSENSITIVE);

    /** How one begins that does so in autocommit. */
    private static final Pattern CHANGES = Pattern.compile(
            "[\\s{?=]*(?:INSERT|UPDATE|DELETE|MERGE|REPLACE|CALL|EXECUTE)\\b", Pattern.CASE_INSENSITIVE);

    private Unanswered() {}

    /** Does it commit by itself? */
    public static boolean commits(String sql) {
        return COMMITS.matcher(sql).lookingAt();
    }

    /** Does it change something, which autocommit commits? */
    public static boolean changes(String sql) {
        return CHANGES.matcher(sql).lookingAt();
    }
}
