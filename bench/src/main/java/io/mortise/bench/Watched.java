package io.mortise.bench;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Progress;
import io.mortise.bench.report.Table;
import io.mortise.bench.round.Arena;
import io.mortise.bench.round.Round;
import io.mortise.bench.watch.Crowd;
import io.mortise.bench.watch.Onlooker;
import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
import io.mortise.bench.workload.Workloads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs to be looked at: the same workload with the page open and without, in turns, beside sessions that are
 * idle and sessions that wait.
 */
@Command(
        name = "watched",
        mixinStandardHelpOptions = true,
        description = "Compares a database that is watched once a second with itself.")
final class Watched implements Callable<Integer> {
    private static final int WARM_UPS = 2;

    @Option(names = "--rounds", description = "counted pairs of rounds of each workload (default: ${DEFAULT-VALUE})")
    private int rounds = 9;

    @Option(names = "--millis", description = "length of a round (default: ${DEFAULT-VALUE})")
    private long millis = 4_000;

    @Option(names = "--sessions", description = "that are connected beside (default: ${DEFAULT-VALUE})")
    private int sessions = 1_000;

    @Option(names = "--waiting", description = "how many of them wait for a lock (default: ${DEFAULT-VALUE})")
    private int waiting = 190;

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    private final Progress progress = new Progress();

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Table table = new Table(List.of(
                        "workload",
                        "sessions",
                        "waiting",
                        "unwatched/s",
                        "watched/s",
                        "watched to unwatched",
                        "lowest",
                        "highest",
                        "by processor time",
                        "watching ms/s",
                        "KB an event"))
                .announce();
        for (String name : List.of("update", "update-2")) {
            Workload workload = Workloads.all().stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            table.add(measure(workload));
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
        }
        return 0;
    }

    /** What one round gave, and what it took. */
    private record Cost(double perSecond, double processorMicrosAUnit) {
        static double ratio(List<Cost> watched, List<Cost> unwatched, int round) {
            return watched.get(round).perSecond / unwatched.get(round).perSecond;
        }
    }

    private List<String> measure(Workload workload) throws Exception {
        String database = workload.name().replace('-', '_');
        List<Cost> without = new ArrayList<>();
        List<Cost> with = new ArrayList<>();
        List<Double> watching = new ArrayList<>();
        double kilobytes = 0;
        try (Arena arena = new Arena(workload, Competitor.MORTISE);
                Crowd crowd = Crowd.of(() -> Competitor.MORTISE.connect(database), sessions, waiting);
                Onlooker onlooker = Onlooker.at(database)) {
            for (int round = -WARM_UPS; round < rounds; round++) {
                progress.at(workload.name(), WARM_UPS + round + 1, WARM_UPS + rounds);
                boolean isFirst = (round & 1) == 0; // In turns: the machine changes while it is measured.
                Optional<Cost> before = isFirst ? Optional.of(play(arena)) : Optional.empty();
                onlooker.open();
                long nanos = Onlooker.processorNanos();
                Cost watched = play(arena);
                double milliseconds = (Onlooker.processorNanos() - nanos) / 1e6;
                onlooker.leave();
                Cost unwatched = before.isPresent() ? before.get() : play(arena);
                if (round >= 0) {
                    without.add(unwatched);
                    with.add(watched);
                    watching.add(milliseconds * 1_000 / millis);
                    kilobytes = onlooker.bytesOfAnEvent() / 1024.0;
                }
            }
            List<String> row = new ArrayList<>(List.of(workload.name(), Integer.toString(sessions)));
            row.add(Integer.toString(crowd.waiting()));
            row.addAll(figures(without, with));
            row.add(text("%.1f", median(watching)));
            row.add(text("%.0f", kilobytes));
            return row;
        }
    }

    private Cost play(Arena arena) throws Exception {
        Round round = arena.round(millis * 1_000_000);
        return new Cost(round.unitsPerSecond(), round.cpuNanosOfAUnit() / 1e3);
    }

    private static List<String> figures(List<Cost> without, List<Cost> with) {
        List<Double> ratios = new ArrayList<>();
        List<Double> processor = new ArrayList<>();
        for (int i = 0; i < with.size(); i++) {
            ratios.add(Cost.ratio(with, without, i));
            processor.add(without.get(i).processorMicrosAUnit / with.get(i).processorMicrosAUnit);
        }
        return List.of(
                text("%.0f", median(without.stream().map(Cost::perSecond).toList())),
                text("%.0f", median(with.stream().map(Cost::perSecond).toList())),
                text("%.3f", median(ratios)),
                text("%.3f", Collections.min(ratios)),
                text("%.3f", Collections.max(ratios)),
                text("%.3f", median(processor)));
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }

    private static String text(String format, double figure) {
        return String.format(Locale.ROOT, format, figure);
    }
}
