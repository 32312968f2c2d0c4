package io.mortise.bench;

import io.mortise.bench.heap.Weights;
import io.mortise.bench.heap.Weights.Weight;
import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import io.mortise.bench.workload.Competitor;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a lock, a session and a journal entry weigh: histograms of the live heap before and after many were made. */
@Command(name = "memory", mixinStandardHelpOptions = true, description = "Weighs locks, sessions and journal entries.")
final class Memory implements Callable<Integer> {
    @Option(names = "--rows", description = "updated in one transaction (default: ${DEFAULT-VALUE})")
    private int rows = 1_000_000;

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Table table = new Table(List.of("one", "of", "H2 bytes", "Mortise bytes", "more", "own classes")).announce();
        for (Map.Entry<String, Weights.Load> each : Weights.all(rows).entrySet()) {
            Weights.Load load = each.getValue();
            Weight own = Weights.weigh(load, Competitor.MORTISE);
            double h2 = load.isOnH2() ? Weights.weigh(load, Competitor.H2).bytes() : Double.NaN;
            table.add(List.of(
                    each.getKey(),
                    Integer.toString(own.things()),
                    text(h2),
                    text(own.bytes()),
                    text(own.bytes() - h2),
                    text(own.ours())));
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
        }
        return 0;
    }

    private static String text(double bytes) {
        return Double.isNaN(bytes) ? "-" : String.format(Locale.ROOT, "%.1f", bytes);
    }
}
