package io.mortise.driver.mill;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What transactions meet over: the tables, and what they do there, a letter a deed as {@link Client} reads them. Row r
 * lies in table r modulo their number, and in one of two groups.
 */
enum Field {
    KEY(1, 6, "rrrnuuUwft", ""),
    RANGE(1, 8, "ggbbauuwv", "CREATE INDEX T0_G ON T0(GRP, V)"),
    ABSENCE(1, 6, "rrgiidduM", "CREATE INDEX T0_G ON T0(GRP)"),
    EMPTY_GROUP(1, 8, "gaeeeddr", "CREATE INDEX T0_G ON T0(GRP DESC)"),
    READERS(2, 6, "rrrrgauuU", ""),
    PARENTS(2, 12, "riiiidddgu", "ALTER TABLE T1 ADD FOREIGN KEY(PARENT) REFERENCES T0(ID)"),
    UNIQUE_NAME(1, 6, "nnniiddMu", "CREATE INDEX T0_G ON T0(GRP)"),
    LARGE(1, 6, "rrnauuid", ""),
    SCAN(1, 6, "aauuwid", ""),
    TABLES(6, 12, "rrraauuUwsid", "");

    private final int tables;
    private final int rows;
    private final String deeds;
    private final String more;

    Field(int tables, int rows, String deeds, String more) {
        this.tables = tables;
        this.rows = rows;
        this.deeds = deeds;
        this.more = more;
    }

    int rows() {
        return rows;
    }

    String deeds() {
        return deeds;
    }

    boolean isLarge() {
        return this == LARGE;
    }

    int tables() {
        return tables;
    }

    String table(int row) {
        return "T" + row % tables;
    }

    int group(int row) {
        return row / tables % 2;
    }

    /** Whom the row refers to; -1 if that is nobody. */
    int parent(int row) {
        return this == PARENTS && row % 2 == 1 ? row / 2 % 3 * 2 : -1;
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < tables; i++) {
                statement.execute("CREATE TABLE T" + i + "(ID INT PRIMARY KEY, V INT, P INT, GRP INT,"
                        + " NAME VARCHAR(9) UNIQUE, PARENT INT, X " + (isLarge() ? "CLOB" : "VARCHAR") + ")");
            }
            if (!more.isEmpty()) {
                statement.execute(more);
            }
        }
    }
}
