package io.mortise.examples;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows of a query as text in columns. Immutable. */
record TextTable(List<List<String>> lines) {
    static TextTable of(ResultSet rows) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        List<List<String>> lines = new ArrayList<>();
        List<String> head = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            head.add(columns.getColumnLabel(i));
        }
        lines.add(head);
        while (rows.next()) {
            List<String> line = new ArrayList<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                String value = rows.getString(i);
                line.add(value == null ? "" : value);
            }
            lines.add(line);
        }
        return new TextTable(lines);
    }

    /** A line for the names and one for each row, each with its end of line. */
    @Override
    public String toString() {
        List<Integer> widths = IntStream.range(0, lines.get(0).size())
                .mapToObj(i -> lines.stream()
                        .mapToInt(line -> line.get(i).length())
                        .max()
                        .orElse(0))
                .toList();
        return lines.stream().map(line -> padded(line, widths) + "\n").collect(Collectors.joining());
    }

    private static String padded(List<String> line, List<Integer> widths) {
        return IntStream.range(0, line.size())
                .mapToObj(i ->
                        line.get(i) + " ".repeat(widths.get(i) - line.get(i).length()))
                .collect(Collectors.joining("  "))
                .stripTrailing();
    }
}
