package io.mortise.bench;

import io.mortise.bench.goal.Goals;
import io.mortise.bench.report.Charts;
import io.mortise.bench.report.Charts.Axes;
import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One page and its charts, made of the tables that the parts have left. */
@Command(name = "report", mixinStandardHelpOptions = true, description = "Makes a page and charts of the tables.")
final class Report implements Callable<Integer> {
    private static final int FIRST_TWO = 2;

    @Option(names = "--results", description = "the folder of the tables (default: ${DEFAULT-VALUE})")
    private Path results = Path.of("results");

    Report() {}

    Report(Path results) {
        this.results = results;
    }

    @Override
    public Integer call() throws IOException {
        System.setProperty("java.awt.headless", "true");
        List<String> page = new ArrayList<>();
        page.add("# Measured\n\n" + machine() + "\n\nHow to repeat it: [bench/README.md](../README.md).\n");
        addGoals(page);
        addWorkloads(page);
        addEndings(page);
        addGrowth(page);
        section(page, "Watched once a second, and not", "watched", "");
        section(page, "On PostgreSQL, beside pgjdbc", "server", "");
        section(page, "In a file", "files", "");
        section(page, "In a file, each commit at once (WRITE_DELAY=0)", "no-delay", "");
        section(page, "SERIALIZABLE, beside readers that lock", "locks", "");
        section(page, "Bytes, read from the heap", "memory", "");
        section(page, "Single operations (JMH)", "parts", "");
        section(page, "How long the parts took", "times", "");
        Files.writeString(results.resolve("results.md"), String.join("\n", page));
        System.out.println(results.resolve("results.md"));
        return 0;
    }

    private String machine() throws IOException {
        Path told = results.resolve(Everything.MACHINE);
        return Files.exists(told) ? Files.readString(told).trim() : Machine.describe();
    }

    private void addGoals(List<String> page) throws IOException {
        Map<String, Table> tables = new HashMap<>();
        for (String part : List.of(
                "side-by-side",
                "wait-endings",
                "memory",
                "scale",
                "parts",
                "watched",
                "server",
                "files",
                "no-delay",
                "locks")) {
            tables.put(part, read(part));
        }
        Table verdicts = Goals.verdicts(part -> tables.getOrDefault(part, new Table(List.of())));
        verdicts.write(results.resolve("goals.tsv"));
        page.add("## Goals\n\n" + verdicts.markdown());
        verdicts.print();
    }

    private void addWorkloads(List<String> page) throws IOException {
        Table sides = read("side-by-side");
        if (sides.rows().isEmpty()) {
            return;
        }
        page.add("## Workloads\n\n![to H2](throughput.png)\n\n![latency](latency.png)\n\n" + sides.markdown());
        Charts.bars(
                only(sides, "engine", engine -> !engine.equals("H2")),
                new Axes("Throughput, plain H2 = 1", "workload", "engine", "to H2"),
                false,
                results.resolve("throughput.png"));
        Charts.bars(
                only(sides, "engine", List.of("H2", "MORTISE")::contains),
                new Axes("99.9 % of the units are done in", "workload", "engine", "p99.9 us"),
                true,
                results.resolve("latency.png"));
    }

    private void addEndings(List<String> page) throws IOException {
        Table endings = read("wait-endings");
        if (!endings.rows().isEmpty()) {
            Charts.bars(
                    endings,
                    new Axes("From the call that ends a wait to the waiter's error", "ending", "engine", "p50 ms"),
                    false,
                    results.resolve("endings.png"));
        }
        section(page, "How long a wait takes to end", "wait-endings", "![endings](endings.png)\n\n");
    }

    private void addGrowth(List<String> page) throws IOException {
        Table scale = read("scale");
        for (String with : List.of("sessions", "row locks")) {
            Table part = scale.rows().isEmpty() ? scale : only(scale, "with", with::equals);
            if (!part.rows().isEmpty()) {
                Charts.lines(
                        part,
                        new Axes("Growth with " + with, "number", "what", "median ms"),
                        results.resolve("growth-" + with.replace(' ', '-') + ".png"));
            }
        }
        section(
                page,
                "Growth",
                "scale",
                "![with sessions](growth-sessions.png)\n\n![with row locks](growth-row-locks.png)\n\n");
    }

    private void section(List<String> page, String title, String name, String charts) throws IOException {
        Table table = read(name);
        if (!table.rows().isEmpty()) {
            page.add("## " + title + "\n\n" + charts + table.markdown());
        }
    }

    /** Of several runs the first counts where they have the same: plain H2 is measured beside each of the others. */
    private Table read(String name) throws IOException {
        if (!Files.isDirectory(results)) {
            return new Table(List.of());
        }
        try (Stream<Path> files = Files.list(results)) {
            List<Path> parts = files.filter(
                            file -> file.getFileName().toString().matches(name + "(-\\d.*)?\\.tsv"))
                    .sorted()
                    .toList();
            Table all = Table.read(parts);
            Table merged = new Table(all.columns());
            int keys = name.equals("side-by-side") ? FIRST_TWO : all.columns().size();
            all.rows().forEach(row -> merged.merge(row, keys));
            merged.sortByFirstSeen();
            return merged;
        }
    }

    private static Table only(Table table, String column, Predicate<String> which) {
        Table some = new Table(table.columns());
        int index = table.columns().indexOf(column);
        table.rows().stream().filter(row -> which.test(row.get(index))).forEach(row -> some.merge(row, row.size()));
        return some;
    }
}
