package io.mortise.bench.side;

import io.mortise.bench.round.Arena;
import io.mortise.bench.round.Player;
import io.mortise.bench.workload.Competitor;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What {@link SideBySide} starts for each competitor. */
@Command(name = "play", description = "One workload on one database, a round for each line read.")
public final class Play implements Callable<Integer> {
    @Parameters(index = "0")
    private String workload = "";

    @Parameters(index = "1")
    private Competitor engine = Competitor.H2;

    /** The command line. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Play()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Player.play(new Arena(AllWorkloads.named(List.of(workload)).get(0), engine), System.out);
        return 0;
    }
}
