package io.mortise.bench;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import io.mortise.bench.wait.Blow;
import io.mortise.bench.wait.Blows;
import io.mortise.bench.wait.Bout;
import io.mortise.bench.workload.Competitor;
import java.nio.file.Path;
import java.sql.SQLFeatureNotSupportedException;
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
 * How long it takes a wait to end, from the call that ends it to the waiter's error; and a deadlock, from the request
 * that closes it to the victim's error.
 */
@Command(name = "wait-endings", mixinStandardHelpOptions = true, description = "Times how waits end.")
public final class WaitEndings implements Callable<Integer> {
    /** More than that of an ending says that the database has none, only a timeout; a few of them say how long. */
    private static final double SLOW_MILLIS = 500;

    private static final int ENOUGH_OF_SLOW = 3;
    private static final int ENOUGH_HOPE = 2;

    @Option(
            names = "--warm-ups",
            description = "how often each is done before, in a third of the time at most (default: ${DEFAULT-VALUE})")
    private int warmUps = 100;

    @Option(names = "--times", description = "how often each is done (default: ${DEFAULT-VALUE})")
    private int times = 300;

    @Option(
            names = "--seconds",
            description = "no more of one ending after that; some databases take seconds for each"
                    + " (default: ${DEFAULT-VALUE})")
    private double seconds = 10;

    @Option(names = "--engines", split = ",", description = "${COMPLETION-CANDIDATES} (default: H2,MORTISE)")
    private List<Competitor> engines = List.of(Competitor.H2, Competitor.MORTISE);

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    private int bouts;

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new WaitEndings())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Table table = new Table(List.of("ending", "engine", "times", "p50 ms", "p99 ms", "max ms", "not ended", "note"))
                .announce();
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
        String note = "";
        try (Bout bout = new Bout(engine, ++bouts)) {
            long begin = System.nanoTime();
            long slow = 0;
            for (int i = 0; !isEnough(millis, slow) && neverEnded < ENOUGH_HOPE && !bout.isLost(); i++) {
                double worked = (System.nanoTime() - begin) / 1e9;
                if (worked > seconds) {
                    break;
                }
                OptionalDouble one = bout.time(blow);
                neverEnded += one.isEmpty() ? 1 : 0;
                slow += one.orElse(0) > SLOW_MILLIS ? 1 : 0;
                if (one.isPresent() && (slow > 0 || i >= warmUps || worked > seconds / 3)) {
                    millis.add(one.getAsDouble());
                }
            }
            note = bout.isLost() ? "waits on when its lock is free" : "";
        } catch (SQLFeatureNotSupportedException e) {
            note = "not supported";
        }
        Collections.sort(millis);
        return List.of(
                ending,
                engine.name(),
                Integer.toString(millis.size()),
                percentile(millis, 0.5),
                percentile(millis, 0.99),
                percentile(millis, 1),
                Integer.toString(neverEnded),
                note);
    }

    private boolean isEnough(List<Double> millis, long slow) {
        return millis.size() >= times || slow >= ENOUGH_OF_SLOW;
    }

    private static String percentile(List<Double> sorted, double part) {
        if (sorted.isEmpty()) {
            return "-";
        }
        int index = (int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * part));
        return String.format(Locale.ROOT, "%.3f", sorted.get(index));
    }
}
