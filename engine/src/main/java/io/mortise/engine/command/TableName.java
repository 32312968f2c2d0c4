package io.mortise.engine.command;

/**
 * A table as a statement names it, for storage to find by its own rules of case and schema. Immutable.
 *
 * @param sql as written, without blanks and comments: {@code PUBLIC."My Table"}
 */
public record TableName(String sql) {
    @Override
    public String toString() {
        return sql;
    }
}
