package io.mortise.driver.crash;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is in the file after {@link Doomed} has been killed. Immutable.
 *
 * @param totals the last transaction of each writer, as it has counted itself
 * @param wrong what is not as it must be after so many whole transactions
 */
record Remains(Map<Integer, Long> totals, List<String> wrong) {
    Remains {
        totals = Map.copyOf(totals);
        wrong = List.copyOf(wrong);
    }

    static Remains read(String url) throws SQLException {
        Map<Integer, Long> totals = new HashMap<>();
        Map<Integer, TreeMap<Long, Integer>> parts = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            each(statement, "SELECT WRITER, N FROM TOTALS", row -> totals.put(row.getInt(1), row.getLong(2)));
            each(
                    statement,
                    "SELECT WRITER, N, COUNT(*) FROM ENTRIES GROUP BY WRITER, N",
                    row -> parts.computeIfAbsent(row.getInt(1), writer -> new TreeMap<>())
                            .put(row.getLong(2), row.getInt(3)));
            each(
                    statement,
                    "SELECT (SELECT COUNT(*) FROM ENTRIES WHERE PART >= 0), (SELECT COUNT(PAYLOAD) FROM ENTRIES)",
                    row -> compareIndex(row.getLong(1), row.getLong(2), wrong));
            each(
                    statement,
                    "SELECT WRITER, N, PART, DATA FROM ENTRIES",
                    row -> compareData(row.getInt(1), row.getLong(2), row.getInt(3), row.getBytes(4), wrong));
            each(
                    statement,
                    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'NOTES'",
                    row -> wrong.add("a temporary table is still there"));
        }
        parts.keySet().forEach(writer -> totals.putIfAbsent(writer, 0L));
        totals.forEach((writer, total) ->
                compare("writer " + writer, total, parts.getOrDefault(writer, new TreeMap<>()), wrong));
        return new Remains(totals, wrong);
    }

    private interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    private static void each(Statement statement, String sql, Reader reader) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                reader.read(result);
            }
        }
    }

    private static void compareData(int writer, long n, int part, byte[] data, List<String> wrong) {
        if (!Arrays.equals(data, Doomed.data(writer, n, part))) {
            wrong.add("the large object of writer %d, %d, part %d is not what was written".formatted(writer, n, part));
        }
    }

    private static void compareIndex(long inIndex, long inTable, List<String> wrong) {
        if (inIndex != inTable) {
            wrong.add("an index has " + inIndex + " rows, its table " + inTable);
        }
    }

    /** After n transactions the last {@link Doomed#KEPT} are there with all their rows, and nothing else is. */
    private static void compare(String writer, long total, TreeMap<Long, Integer> parts, List<String> wrong) {
        long oldest = Math.max(1, total - Doomed.KEPT + 1);
        for (long n = oldest - 2; n <= total + 2; n++) {
            parts.putIfAbsent(n, 0);
        }
        parts.forEach((n, rows) -> {
            boolean isKept = n >= oldest && n <= total;
            if (rows != (isKept ? Doomed.ROWS : 0)) {
                wrong.add("%s counts %d, and of %d there are %d rows".formatted(writer, total, n, rows));
            }
        });
    }
}
