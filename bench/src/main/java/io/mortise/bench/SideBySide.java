package io.mortise.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs workloads on several databases, round by round and in turns within one JVM, so that whatever the machine does to
 * one of them it does to the others; and prints medians, and ratios of the same round.
 */
@Command(
        name = "side-by-side",
        mixinStandardHelpOptions = true,
        description = "Compares databases under the same workloads.")
public final class SideBySide implements Callable<Integer> {
    @Option(names = "--rounds", description = "counted rounds of each workload (default: ${DEFAULT-VALUE})")
    private int rounds = 7;

    @Option(names = "--millis", description = "length of a round (default: ${DEFAULT-VALUE})")
    private long millis = 1_000;

    @Option(names = "--engines", split = ",", description = "${COMPLETION-CANDIDATES} (default: H2,MORTISE)")
    private List<Competitor> engines = List.of(Competitor.H2, Competitor.MORTISE);

    @Option(names = "--workloads", split = ",", description = "by name (default: all)")
    private List<String> workloads = List.of();

    @Option(names = "--out", description = "also write the table to this file")
    private Path out = Path.of("");

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new SideBySide())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<String> lines = new ArrayList<>();
        report(lines, machine());
        report(
                lines,
                String.format(
                        Locale.ROOT,
                        "%-16s %-9s %12s %8s %10s %10s %10s %9s %8s",
                        "workload",
                        "engine",
                        "per second",
                        "to H2",
                        "p50 us",
                        "p99 us",
                        "p99.9 us",
                        "fairness",
                        "retries"));
        for (Workload workload : Workloads.all()) {
            if (workloads.isEmpty() || workloads.contains(workload.name())) {
                Results results = run(workload);
                for (Competitor competitor : results.competitors()) {
                    report(lines, line(results, competitor));
                }
            }
        }
        if (!out.toString().isEmpty()) {
            Files.write(out, lines);
        }
        return 0;
    }

    private static void report(List<String> lines, String line) {
        System.out.println(line);
        lines.add(line);
    }

    private Results run(Workload workload) throws Exception {
        Results results = new Results(workload.name());
        Map<Competitor, Arena> arenas = new EnumMap<>(Competitor.class);
        try {
            for (Competitor engine : engines) {
                arenas.put(engine, new Arena(workload, engine));
            }
            for (int round = -2; round < rounds; round++) { // Two to warm up.
                play(round, arenas, results);
            }
        } finally {
            for (Arena arena : arenas.values()) {
                arena.close();
            }
        }
        return results;
    }

    private void play(int round, Map<Competitor, Arena> arenas, Results results) throws Exception {
        List<Competitor> order = new ArrayList<>(engines);
        Collections.rotate(order, round);
        for (Competitor engine : order) {
            Round done = Objects.requireNonNull(arenas.get(engine)).round(millis * 1_000_000);
            if (round >= 0) {
                results.add(engine, done);
            }
        }
    }

    private static String line(Results results, Competitor competitor) {
        return String.format(
                Locale.ROOT,
                "%-16s %-9s %,12.0f %8.2f %10.1f %10.1f %10.1f %9.2f %8d",
                results.workload(),
                competitor,
                results.median(competitor, Round::unitsPerSecond),
                results.ratioToH2(competitor),
                results.latencyMicros(competitor, 50),
                results.latencyMicros(competitor, 99),
                results.latencyMicros(competitor, 99.9),
                results.median(competitor, Round::fairness),
                results.retries(competitor));
    }

    /** What it was run on; the processor's name only where the system tells. */
    private static String machine() throws IOException {
        String processor = "";
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpuinfo)) {
            processor = Files.readAllLines(cpuinfo).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> ", " + line.substring(line.indexOf(':') + 1).trim())
                    .orElse("");
        }
        return String.format(
                "%s, Java %s (%s), %d processors%s, heap %d MB",
                Instant.now().truncatedTo(ChronoUnit.MINUTES),
                System.getProperty("java.version"),
                System.getProperty("java.vm.name"),
                Runtime.getRuntime().availableProcessors(),
                processor,
                Runtime.getRuntime().maxMemory() >> 20);
    }
}
