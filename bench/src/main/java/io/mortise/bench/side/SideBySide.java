package io.mortise.bench.side;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import io.mortise.bench.round.Results;
import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Runs workloads on several databases, round by round and in turns, and prints medians, and ratios of the same round.
 * See {@link Match}.
 */
@Command(
        name = "side-by-side",
        mixinStandardHelpOptions = true,
        description = "Compares databases under the same workloads.")
public final class SideBySide implements Callable<Integer> {
    /** What waits is compiled late: most of its code runs seldom. */
    private static final int CONTENDED_WARM_UPS = 18;

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

    @Option(
            names = "--contended-millis",
            description =
                    "length of a round in which threads wait for each other, at least (default: ${DEFAULT-VALUE})")
    private long contendedMillis = 3_000;

    @Option(
            names = "--contended-rounds",
            description = "counted rounds in which threads wait for each other, at most (default: ${DEFAULT-VALUE})")
    private int contendedRounds = 8;

    @Option(names = "--forks", description = "JVMs, one after the other (default: ${DEFAULT-VALUE})")
    private int forks = 2;

    @Option(names = "--contended-forks", description = "the same where threads wait (default: ${DEFAULT-VALUE})")
    private int contendedForks = 2;

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
        Table table = new Table(Results.columns(engines.get(0))).announce();
        Table single = new Table(Results.ROUND_COLUMNS);
        boolean isWhole = true;
        for (Workload workload : chosen) {
            Results results = new Results(workload.name(), engines.get(0));
            isWhole &= new Match(workload, engines, lengths(workload), results).play();
            for (Competitor competitor : engines) {
                table.add(results.row(competitor));
                results.rounds(competitor).forEach(row -> single.merge(row, row.size()));
            }
            write(table, single);
        }
        return isWhole ? 0 : 1;
    }

    /** After each workload: one that is ended before its time keeps what it had by then. */
    private void write(Table table, Table single) throws IOException {
        if (!out.toString().isEmpty()) {
            table.write(out);
            single.write(out.resolveSibling("rounds-of-" + out.getFileName()));
        }
    }

    private List<Workload> chosen() {
        List<String> wanted = named.isEmpty() ? workloads : named;
        try {
            return wanted.isEmpty() ? AllWorkloads.all() : AllWorkloads.named(wanted);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Match.Lengths lengths(Workload workload) {
        long usual = seconds > 0 ? (long) (seconds * 1_000) : millis;
        int counted = Math.min(roundsAsWell > 0 ? roundsAsWell : rounds, workload.mostRounds());
        if (workload.isContended()) {
            int ofAFork = parts(Math.min(counted, contendedRounds), contendedForks);
            return new Match.Lengths(contendedForks, ofAFork, Math.max(usual, contendedMillis), CONTENDED_WARM_UPS);
        }
        int jvms = Math.min(forks, counted) > 1 && workload.mostRounds() == Integer.MAX_VALUE ? forks : 1;
        return new Match.Lengths(jvms, parts(counted, jvms), usual, 0);
    }

    private static int parts(int rounds, int forks) {
        return (rounds + forks - 1) / forks;
    }
}
