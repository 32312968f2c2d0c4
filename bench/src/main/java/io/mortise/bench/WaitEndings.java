package io.mortise.bench;

import io.mortise.bench.report.Table;
import io.mortise.bench.wait.Blow;
import io.mortise.bench.wait.Blows;
import io.mortise.bench.wait.Bout;
import io.mortise.bench.workload.Competitor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long it takes a wait to end, from the call that ends it to the waiter's error; and a deadlock, from the request that
 * closes it to the victim's error.
 */
@Command(name = "wait-endings", mixinStandardHelpOptions = true, description = "Times how waits end.")
public final class WaitEndings implements Callable<Integer> {
    private static final int WARM_UPS = 3;

    @Option(names = "--times", description = "how often each is done (default: ${DEFAULT-VALUE})")
    private int times = 200;

    @Option(
            names = "--seconds",
            description = "no more of one ending after that; some databases take seconds for each"
                    + " (default: ${DEFAULT-VALUE})")
    private double seconds = 10;

    @Option(names = "--engines", split = ",", description = "${COMPLETION-CANDIDATES} (default: H2,MORTISE)")
    private List<Competitor> engines = List.of(Competitor.H2, Competitor.MORTISE);

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new WaitEndings())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Table table =
                new Table(List.of("ending", "engine", "times", "p50 ms", "p99 ms", "max ms", "not ended")).announce();
        for (Map.Entry<String, Blows.ByCompetitor> ending : Blows.all().entrySet()) {
            for (Competitor engine : engines) {
                List<Blow> blow = ending.getValue().of(engine);
                if (!blow.isEmpty()) {
                    table.add(measure(ending.getKey(), engine, blow.get(0)));
                }
            }
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
        }
        return 0;
    }

    private List<String> measure(String ending, Competitor engine, Blow blow) throws Exception {
        List<Double> millis = new ArrayList<>();
        int neverEnded = 0;
        try (Bout bout = new Bout(engine)) {
            long enough = System.nanoTime() + (long) (seconds * 1e9);
            for (int i = 0; i < times + WARM_UPS && (i < WARM_UPS + 1 || System.nanoTime() < enough); i++) {
                OptionalDouble one = bout.time(blow);
                if (one.isPresent() && i >= WARM_UPS) {
                    millis.add(one.getAsDouble());
                } else if (one.isEmpty()) {
                    neverEnded++;
                }
            }
        }
        Collections.sort(millis);
        return List.of(
                ending,
                engine.name(),
                Integer.toString(millis.size()),
                percentile(millis, 0.5),
                percentile(millis, 0.99),
                percentile(millis, 1),
                Integer.toString(neverEnded));
    }

    private static String percentile(List<Double> sorted, double part) {
        if (sorted.isEmpty()) {
            return "-";
        }
        int index = (int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * part));
        return String.format(Locale.ROOT, "%.3f", sorted.get(index));
    }
}
