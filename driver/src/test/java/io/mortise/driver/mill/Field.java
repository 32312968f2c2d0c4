package io.mortise.driver.mill;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
    TABLES(6, 12, "rrraauuUwsid", ""),
    /** Some groups change: what is read of one may have been moved there, or away. */
    MOVES(1, 6, "rggguuwied", "CREATE INDEX T0_G ON T0(GRP)"),
    COMPOSED(1, 8, "rrghhuuwid", ""),
    NULLS(1, 8, "rnooiiddu", ""),
    LONE_CHILD(2, 6, "riiiidddgu", "ALTER TABLE T1 ADD FOREIGN KEY(PARENT) REFERENCES T0(ID)"),
    CASCADES(2, 12, "riiiidddgau", "ALTER TABLE T1 ADD FOREIGN KEY(PARENT) REFERENCES T0(ID) ON DELETE CASCADE"),
    EMPTIED(2, 6, "rrgaiiiuuM", ""),
    VIEWS(1, 6, "qqQQjuuwid", "CREATE INDEX T0_G ON T0(GRP); CREATE VIEW V0 AS SELECT * FROM T0"),
    TRIGGER(
            2,
            6,
            "ruuuuid",
            "CREATE TRIGGER LOOKS BEFORE UPDATE ON T0 FOR EACH ROW CALL '" + Peeking.class.getName() + "'");

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

    /** Can a row change its group? Then the version says in which it is: the even ones in 0, the odd ones in 1. */
    boolean isMoving() {
        return this == MOVES;
    }

    boolean isCascading() {
        return this == CASCADES;
    }

    boolean isEmptied() {
        return this == EMPTIED;
    }

    /** The row whose version a trigger looks up when this one is updated; -1 if none does. */
    int peeked(int row) {
        return this == TRIGGER && row % 2 == 0 ? row + 1 : -1;
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
        return more.contains("FOREIGN KEY") && row % 2 == 1 ? row / 2 % 3 * 2 : -1;
    }

    /** Who refers to it, if there can be one only; else -1. */
    int onlyChild(int row) {
        return this == LONE_CHILD && row % 2 == 0 ? row + 1 : -1;
    }

    @Nullable
    String name(int row) {
        return this == NULLS && group(row) == 1 ? null : "row " + row;
    }

    /** By its key: {@link #at} has the values. */
    String key() {
        return this == COMPOSED ? " WHERE GRP = ? AND ID = ?" : " WHERE ID = ?";
    }

    /** These values, and behind them those of the row's key. */
    @Nullable
    Object[] at(int row, @Nullable Object... first) {
        List<@Nullable Object> all = new ArrayList<>(Arrays.asList(first));
        if (this == COMPOSED) {
            all.add(group(row));
        }
        all.add(row);
        return all.toArray();
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < tables; i++) {
                statement.execute("CREATE TABLE T" + i + "(ID INT NOT NULL, V INT, P INT, GRP INT NOT NULL,"
                        + " NAME VARCHAR(9), PARENT INT, X " + (isLarge() ? "CLOB" : "VARCHAR") + ", PEEKED INT,"
                        + (this == COMPOSED
                                ? " PRIMARY KEY(GRP, ID), UNIQUE(NAME, GRP))"
                                : " PRIMARY KEY(ID), UNIQUE(NAME))"));
            }
            if (!more.isEmpty()) {
                statement.execute(more);
            }
        }
    }
}
