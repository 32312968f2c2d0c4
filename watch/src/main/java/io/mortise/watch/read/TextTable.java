package io.mortise.watch.read;

import java.util.ArrayList;
import java.util.List;

/** Rows as lines of text in columns, for a terminal. Stateless. */
public final class TextTable {
    private static final int WIDEST = 60;

    private TextTable() {}

    /** A line for the names of the columns, a line a row; what would move the cursor or begin a line is a blank. */
    public static List<String> lines(Rows rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(rows.columns());
        rows.rows()
                .forEach(row -> cells.add(row.stream()
                        .map(value -> value == null ? "" : oneLine(value.toString()))
                        .toList()));
        int[] widths = new int[rows.columns().size()];
        cells.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], Math.min(WIDEST, row.get(i).length()));
            }
        });
        return cells.stream().map(row -> line(row, widths)).toList();
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = cut(row.get(i), widths[i]);
            line.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
        }
        return line.toString().stripTrailing();
    }

    /** The text, or its beginning and an ellipsis. */
    public static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "…";
    }

    /** The text without control characters: what somebody else has chosen must not steer the terminal. */
    public static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        text.chars()
                .forEach(c -> line.append(
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : (char) c));
        return line.toString();
    }
}
