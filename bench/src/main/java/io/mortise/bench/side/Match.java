package io.mortise.bench.side;

import io.mortise.bench.report.Progress;
import io.mortise.bench.round.Opponent;
import io.mortise.bench.round.Results;
import io.mortise.bench.round.Round;
import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One workload on several databases, each in a JVM of its own, which play in turns: whatever the machine does to one of
 * them it does to the others, and none has a say in how the code of another is compiled. One thread at a time.
 */
final class Match {
    /** The least number of units before it counts. */
    private static final long WARM_UNITS = 100_000;

    private static final int FEWEST_WARM_UPS = 2;
    private static final long MOST_WARM_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** The compilers rest when they work for less than this part of a round, so many rounds in a row. */
    private static final double REST = 0.05;

    /** What takes long to compile is not told before it is done. */
    private static final int RESTED = 5;

    private final Workload workload;
    private final List<Competitor> engines;
    private final Lengths lengths;
    private final Results results;
    private final Set<Competitor> out = EnumSet.noneOf(Competitor.class);
    private final Progress progress = new Progress();

    /**
     * How much is played.
     *
     * @param forks how often everybody begins in a new JVM: some live in one of two modes
     * @param rounds counted, in each
     * @param millis of a counted round
     * @param warmUps rounds before it counts, at least
     */
    record Lengths(int forks, int rounds, long millis, int warmUps) {
        private static final long MOST_WARM_MILLIS = 1_000;
        private static final int WARM_SLICES = 4;

        long warmMillis() {
            return Math.min(WARM_SLICES * millis, MOST_WARM_MILLIS);
        }
    }

    Match(Workload workload, List<Competitor> engines, Lengths lengths, Results results) {
        this.workload = workload;
        this.engines = List.copyOf(engines);
        this.lengths = lengths;
        this.results = results;
    }

    /** False if one of ours has failed; what the others cannot do is only noted. */
    boolean play() throws IOException, InterruptedException {
        for (int fork = 0; fork < lengths.forks(); fork++) {
            fork(fork);
        }
        return out.stream().noneMatch(Competitor::isOurs);
    }

    private void fork(int fork) throws IOException, InterruptedException {
        Map<Competitor, Opponent> players = new EnumMap<>(Competitor.class);
        try {
            for (Competitor engine : engines) {
                if (!out.contains(engine)) {
                    players.put(engine, Opponent.start(Play.class, List.of(workload.name(), engine.name())));
                    warmUp(players, engine);
                }
            }
            for (int round = 0; round < lengths.rounds(); round++) {
                progress.at(workload.name(), fork * lengths.rounds() + round + 1, lengths.forks() * lengths.rounds());
                List<Competitor> order = new ArrayList<>(engines);
                Collections.rotate(order, fork + round); // Whoever began last time is last.
                for (Competitor engine : order) {
                    play(players, engine, lengths.millis()).ifPresent(done -> results.add(engine, done));
                }
            }
        } finally {
            for (Opponent player : players.values()) {
                player.close();
            }
        }
    }

    private void warmUp(Map<Competitor, Opponent> players, Competitor engine) {
        long units = 0;
        long nanos = 0;
        int rested = 0;
        int least = Math.max(FEWEST_WARM_UPS, lengths.warmUps());
        for (int round = 0; nanos < MOST_WARM_NANOS; round++) {
            if (round >= least && units >= WARM_UNITS && rested >= RESTED) {
                return;
            }
            Optional<Round> done = play(players, engine, lengths.warmMillis());
            if (done.isEmpty()) {
                return;
            }
            units += done.get().unitsInAll();
            nanos += done.get().longestNanos();
            rested = done.get().compiledPart() < REST ? rested + 1 : 0;
        }
    }

    /** Empty if the competitor is left out from now on, or was before. */
    private Optional<Round> play(Map<Competitor, Opponent> players, Competitor engine, long millis) {
        Opponent player = players.get(engine);
        if (player == null || out.contains(engine)) {
            return Optional.empty();
        }
        try {
            return Optional.of(player.play(millis * 1_000_000));
        } catch (IOException e) {
            out.add(engine);
            results.note(engine, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
