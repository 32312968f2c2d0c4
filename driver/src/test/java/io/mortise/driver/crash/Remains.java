package io.mortise.driver.crash;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in the file after {@link Doomed} has been killed. For one thread. */
final class Remains {
    private final Map<Integer, Long> totals = new HashMap<>();
    private final List<String> halves = new ArrayList<>();
    private final List<String> gaps = new ArrayList<>();

    private Remains() {}

    static Remains read(String url) throws SQLException {
        Remains remains = new Remains();
        Map<Integer, TreeMap<Long, Integer>> parts = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            each(statement, "SELECT WRITER, N FROM TOTALS", row -> remains.totals.put(row.getInt(1), row.getLong(2)));
            each(
                    statement,
                    "SELECT WRITER, N, COUNT(*) FROM ENTRIES GROUP BY WRITER, N",
                    row -> parts.computeIfAbsent(row.getInt(1), writer -> new TreeMap<>())
                            .put(row.getLong(2), row.getInt(3)));
            each(
                    statement,
                    "SELECT (SELECT COUNT(*) FROM ENTRIES WHERE PART >= 0), (SELECT COUNT(PAYLOAD) FROM ENTRIES)",
                    row -> remains.compareIndex(row.getLong(1), row.getLong(2)));
        }
        parts.keySet().forEach(writer -> remains.totals.putIfAbsent(writer, 0L));
        remains.totals.forEach((writer, total) ->
                remains.compare("writer " + writer, total, parts.getOrDefault(writer, new TreeMap<>())));
        return remains;
    }

    /** The last transaction of each writer, as it has counted itself. */
    Map<Integer, Long> totals() {
        return Map.copyOf(totals);
    }

    /** What is not as it must be after so many whole transactions. */
    List<String> halves() {
        return halves;
    }

    /** The same, further back than the last transaction of a writer and the one it was at. */
    List<String> gaps() {
        return gaps;
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

    private void compareIndex(long inIndex, long inTable) {
        if (inIndex != inTable) {
            halves.add("an index has " + inIndex + " rows, its table " + inTable);
        }
    }

    /** After n transactions the last {@link Doomed#KEPT} are there with all their rows, and nothing else is. */
    private void compare(String writer, long total, TreeMap<Long, Integer> parts) {
        long oldest = Math.max(1, total - Doomed.KEPT + 1);
        for (long n = oldest - 2; n <= total + 2; n++) {
            parts.putIfAbsent(n, 0);
        }
        parts.forEach((n, rows) -> {
            boolean isKept = n >= oldest && n <= total;
            if (rows != (isKept ? Doomed.ROWS : 0)) {
                String what = "%s counts %d, and of %d there are %d rows".formatted(writer, total, n, rows);
                boolean isLast = n == total || n == total + 1 || n == total - Doomed.KEPT || n == oldest;
                (isLast ? halves : gaps).add(what);
            }
        });
    }
}
