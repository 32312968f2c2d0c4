package io.mortise.bench;

import io.mortise.bench.report.Table;
import io.mortise.bench.round.Arena;
import io.mortise.bench.round.Results;
import io.mortise.bench.round.Round;
import io.mortise.bench.tpcc.Tpcc;
import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
import io.mortise.bench.workload.Workloads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Runs workloads on several databases, round by round and in turns within one JVM, so that whatever the machine does to
 * one of them it does to the others; and prints medians, and ratios of the same round.
 */
@Command(
        name = "side-by-side",
        mixinStandardHelpOptions = true,
        description = "Compares databases under the same workloads.")
public final class SideBySide implements Callable<Integer> {
    private static final int WARM_UPS = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            split = ",",
            paramLabel = "WORKLOADS",
            description = "by name, or how it begins (default: all)")
    private List<String> named = List.of();

    @Parameters(index = "1", arity = "0..1", paramLabel = "ROUNDS", description = "the same as --rounds")
    private int roundsAsWell;

    @Parameters(index = "2", arity = "0..1", paramLabel = "SECONDS", description = "the same as --millis, in seconds")
    private double seconds;

    @Option(names = "--rounds", description = "counted rounds of each workload (default: ${DEFAULT-VALUE})")
    private int rounds = 7;

    @Option(names = "--millis", description = "length of a round (default: ${DEFAULT-VALUE})")
    private long millis = 1_000;

    @Option(names = "--engines", split = ",", description = "${COMPLETION-CANDIDATES} (default: H2,MORTISE)")
    private List<Competitor> engines = List.of(Competitor.H2, Competitor.MORTISE);

    @Option(names = "--workloads", split = ",", description = "by name, or how it begins (default: all)")
    private List<String> workloads = List.of();

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    /** The command line; {@code --help} explains it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new SideBySide())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        List<Workload> chosen = chosen();
        Table table = new Table(Results.COLUMNS).announce();
        Table single = new Table(Results.ROUND_COLUMNS);
        boolean isWhole = true;
        for (Workload workload : chosen) {
            Results results = new Results(workload.name());
            isWhole &= run(workload, results);
            for (Competitor competitor : engines) {
                table.add(results.row(competitor));
                results.rounds(competitor).forEach(row -> single.merge(row, row.size()));
            }
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
            single.write(out.resolveSibling("rounds-of-" + out.getFileName()));
        }
        return isWhole ? 0 : 1;
    }

    private List<Workload> chosen() {
        List<Workload> all = Stream.concat(Workloads.all().stream(), Stream.of(new Tpcc(2, 8)))
                .toList();
        List<String> wanted = named.isEmpty() ? workloads : named;
        List<Workload> chosen = new ArrayList<>();
        for (String name : wanted) {
            List<Workload> found =
                    all.stream().filter(each -> each.name().equals(name)).toList();
            if (found.isEmpty()) {
                found = all.stream()
                        .filter(each -> each.name().startsWith(name))
                        .toList();
            }
            if (found.isEmpty()) {
                String known =
                        String.join(", ", all.stream().map(Workload::name).toList());
                throw new ParameterException(spec.commandLine(), "No workload " + name + ". There are " + known + ".");
            }
            chosen.addAll(found);
        }
        return wanted.isEmpty() ? all : chosen;
    }

    /** False if one of ours has failed; what the others cannot do is only noted. */
    private boolean run(Workload workload, Results results) throws Exception {
        int counted = Math.min(roundsAsWell > 0 ? roundsAsWell : rounds, workload.mostRounds());
        int warmUps = workload.mostRounds() < Integer.MAX_VALUE ? 1 : WARM_UPS;
        Map<Competitor, Arena> arenas = new EnumMap<>(Competitor.class);
        Set<Competitor> out = EnumSet.noneOf(Competitor.class);
        try {
            for (Competitor engine : engines) {
                arenas.put(engine, new Arena(workload, engine));
            }
            for (int round = -warmUps; round < counted; round++) {
                playRound(round, arenas, out, results);
            }
        } finally {
            for (Arena arena : arenas.values()) {
                arena.close();
            }
        }
        return out.stream().noneMatch(Competitor::isOurs);
    }

    /** In turns: whoever began last time is last. */
    private void playRound(int round, Map<Competitor, Arena> arenas, Set<Competitor> out, Results results)
            throws Exception {
        List<Competitor> order = new ArrayList<>(engines);
        Collections.rotate(order, round);
        order.removeAll(out);
        for (Competitor engine : order) {
            if (!play(Objects.requireNonNull(arenas.get(engine)), engine, round >= 0, results)) {
                out.add(engine);
            }
        }
    }

    /** False if the competitor has to be left out from now on. */
    private boolean play(Arena arena, Competitor engine, boolean counts, Results results) throws Exception {
        long nanos = seconds > 0 ? (long) (seconds * 1e9) : millis * 1_000_000;
        try {
            Round done = arena.round(nanos);
            if (counts) {
                results.add(engine, done);
            }
            return true;
        } catch (TimeoutException e) {
            results.note(engine, "hangs");
        } catch (ExecutionException | IllegalStateException e) {
            results.note(
                    engine, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
        return false;
    }
}
