package io.mortise.engine.command;

import io.mortise.engine.text.Tokens;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A table as a statement names it, for storage to find by its own rules of case and schema. Immutable.
 *
 * @param sql as written, without blanks and comments: {@code PUBLIC."My Table"}
 */
public record TableName(String sql) {
    /** Reads names with commas between them. */
    public static List<TableName> list(String names) throws SQLException {
        Tokens tokens = new Tokens(names);
        Words words = new Words(tokens, "table [, ...]");
        List<TableName> tables = new ArrayList<>();
        do {
            tables.add(words.tableName());
        } while (words.skipSymbol(','));
        words.expectEnd();
        return tables;
    }

    @Override
    public String toString() {
        return sql;
    }
}
