package io.mortise.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Results as rows of text under named columns, printed as they come. One thread at a time. */
public final class Table {
    private static final String TAB = "\t";
    /** Columns that stand to the left. */
    private static final Set<String> TEXTS =
            Set.of("workload", "engine", "ending", "what", "with", "one", "part", "note", "number", "goal", "verdict");

    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /** What {@link #write} has written, of several files one below the other; empty if there is none. */
    public static Table read(List<Path> files) throws IOException {
        Table all = new Table(List.of());
        for (Path file : files) {
            List<List<String>> lines = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                lines.add(List.of(line.split(TAB, -1)));
            }
            if (all.columns.isEmpty()) {
                all = new Table(lines.get(0));
            }
            all.rows.addAll(lines.subList(1, lines.size()));
        }
        return all;
    }

    /** Prints the names of the columns. */
    public Table announce() {
        print(columns);
        return this;
    }

    /** Adds a row and prints it. */
    public void add(List<String> row) {
        if (row.size() != columns.size()) {
            throw new IllegalArgumentException(row + " under " + columns);
        }
        rows.add(row);
        print(row);
    }

    /** Adds a row without printing it, unless there is the same already in its first {@code keys} columns. */
    public void merge(List<String> row, int keys) {
        boolean known = rows.stream().anyMatch(other -> other.subList(0, keys).equals(row.subList(0, keys)));
        if (!known) {
            rows.add(row);
        }
    }

    /** Brings rows of the same first column together, in the order in which that was first seen. */
    public void sortByFirstSeen() {
        List<String> order = rows.stream().map(row -> row.get(0)).distinct().toList();
        rows.sort(Comparator.comparingInt(row -> order.indexOf(row.get(0))));
    }

    public List<String> columns() {
        return columns;
    }

    public List<List<String>> rows() {
        return List.copyOf(rows);
    }

    public int column(String name) {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no column " + name + " in " + columns);
        }
        return index;
    }

    /** One line a row, tabs between the columns. */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(
                file,
                Stream.concat(Stream.of(columns), rows.stream())
                        .map(row -> String.join(TAB, row))
                        .toList());
    }

    /** For a page of Markdown. */
    public String markdown() {
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns);
        lines.add(columns.stream().map(any -> "---").toList());
        lines.addAll(rows);
        return lines.stream()
                .map(row -> "| " + String.join(" | ", row) + " |\n")
                .reduce("", String::concat);
    }

    /** All of it, as {@link #announce} and {@link #add} do line by line. */
    public void print() {
        announce();
        rows.forEach(row -> print(row));
    }

    private void print(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String column = columns.get(i);
            boolean isText = TEXTS.contains(column);
            String cell = row.get(i);
            line.append(String.format(isText ? "%-" + width(i) + "s  " : "%" + width(i) + "s  ", cell));
        }
        System.out.println(line.toString().stripTrailing());
    }

    /** Of what is known by now: a table is printed as it grows. */
    private int width(int column) {
        int width = Math.max(9, columns.get(column).length());
        if (TEXTS.contains(columns.get(column))) {
            width = Math.max(width, 18);
        }
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }
}
