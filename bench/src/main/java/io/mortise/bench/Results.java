package io.mortise.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The rounds of one workload, by competitor. One thread at a time. */
final class Results {
    private final String workload;
    private final Map<Competitor, List<Round>> rounds = new EnumMap<>(Competitor.class);

    Results(String workload) {
        this.workload = workload;
    }

    String workload() {
        return workload;
    }

    void add(Competitor competitor, Round round) {
        rounds.computeIfAbsent(competitor, any -> new ArrayList<>()).add(round);
    }

    Iterable<Competitor> competitors() {
        return rounds.keySet();
    }

    double median(Competitor competitor, ToDoubleFunction<Round> figure) {
        return median(of(competitor).stream().mapToDouble(figure).toArray());
    }

    /** The median, over the rounds, of what a competitor did to what plain H2 did in the same round. */
    double ratioToH2(Competitor competitor) {
        List<Round> own = of(competitor);
        List<Round> h2 = of(Competitor.H2);
        double[] ratios = new double[Math.min(own.size(), h2.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = own.get(i).unitsPerSecond() / h2.get(i).unitsPerSecond();
        }
        return median(ratios);
    }

    long retries(Competitor competitor) {
        return of(competitor).stream().mapToLong(Round::retries).sum();
    }

    double latencyMicros(Competitor competitor, double percentile) {
        Histogram all = new Histogram(3);
        of(competitor).forEach(round -> all.add(round.latencies()));
        return all.getValueAtPercentile(percentile) / 1_000.0;
    }

    private List<Round> of(Competitor competitor) {
        return rounds.getOrDefault(competitor, List.of());
    }

    private static double median(double[] figures) {
        if (figures.length == 0) {
            return Double.NaN;
        }
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
