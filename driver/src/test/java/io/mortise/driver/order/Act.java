package io.mortise.driver.order;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A statement with its values. Immutable.
 *
 * @param isEdited is the first row of its result changed through an updatable result set?
 */
record Act(String sql, List<Object> values, boolean isEdited) {
    /** A constraint has refused it, which is an answer like another. */
    private static final String CONSTRAINT = "23";

    static final String EMPTIES = "TRUNCATE TABLE C";
    static final String REFUSED = "constraint";
    private static final int NOT_UPDATABLE = 90127;

    static Act of(String sql, Object... values) {
        return new Act(sql, List.of(values), false);
    }

    /** H2 has no FOR SHARE, and what it runs can be taken back. */
    Act inPlainH2() {
        if (sql.equals(EMPTIES)) {
            return new Act("DELETE FROM C", values, isEdited);
        }
        return sql.endsWith(" FOR SHARE") ? new Act(sql.replace(" FOR SHARE", ""), values, isEdited) : this;
    }

    /** A query that changes what is in a table: H2 leaves what it has written before it failed. */
    boolean isQueryThatWrites() {
        return sql.startsWith("SELECT ") && sql.contains(" TABLE (");
    }

    boolean isWrite() {
        return isEdited
                || isQueryThatWrites()
                || !(sql.startsWith("SELECT ") || sql.startsWith("WITH ") || sql.startsWith("TABLE "));
    }

    /** Its update count, its rows in order of their texts, or that a constraint has refused it. */
    String run(Prepared on) throws SQLException {
        try {
            return isEdited ? edit(on) : execute(on);
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith(CONSTRAINT)) {
                return REFUSED;
            }
            if (e.getErrorCode() == NOT_UPDATABLE) {
                return "no unique key";
            }
            throw e;
        }
    }

    private String execute(Prepared on) throws SQLException {
        PreparedStatement statement = on.statement(sql);
        set(statement);
        if (!statement.execute()) {
            return "count " + statement.getUpdateCount();
        }
        try (ResultSet rows = statement.getResultSet()) {
            return rows(rows).toString();
        }
    }

    private String edit(Prepared on) throws SQLException {
        PreparedStatement statement = on.updatable(sql);
        set(statement);
        try (ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                return "no row";
            }
            String before = row(rows, rows.getMetaData().getColumnCount());
            rows.updateInt("B", rows.getInt("B") + 1);
            rows.updateRow();
            return before;
        }
    }

    private void set(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }

    private static List<String> rows(ResultSet rows) throws SQLException {
        List<String> all = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            all.add(row(rows, columns));
        }
        Collections.sort(all);
        return all;
    }

    private static String row(ResultSet row, int columns) throws SQLException {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= columns; i++) {
            text.append(i == 1 ? "" : ",").append(row.getString(i));
        }
        return text.toString();
    }
}
