package io.mortise.bench.round;

import io.mortise.bench.workload.Competitor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The rounds of one workload, by competitor. One thread at a time. */
public final class Results {
    /** What {@link #row} gives. */
    public static final List<String> COLUMNS = List.of(
            "workload",
            "engine",
            "per second",
            "to H2",
            "p50 us",
            "p99 us",
            "p99.9 us",
            "max us",
            "fairness",
            "retries");

    private final String workload;
    private final Map<Competitor, List<Round>> rounds = new EnumMap<>(Competitor.class);

    public Results(String workload) {
        this.workload = workload;
    }

    public void add(Competitor competitor, Round round) {
        rounds.computeIfAbsent(competitor, any -> new ArrayList<>()).add(round);
    }

    public Iterable<Competitor> competitors() {
        return rounds.keySet();
    }

    /** Medians of the rounds, the ratio that of the same round, latencies of all rounds together. */
    public List<String> row(Competitor competitor) {
        Histogram latencies = new Histogram(3);
        of(competitor).forEach(round -> latencies.add(round.latencies()));
        return List.of(
                workload,
                competitor.name(),
                text("%.0f", median(competitor, Round::unitsPerSecond)),
                text("%.2f", ratioToH2(competitor)),
                micros(latencies.getValueAtPercentile(50)),
                micros(latencies.getValueAtPercentile(99)),
                micros(latencies.getValueAtPercentile(99.9)),
                micros(latencies.getMaxValue()),
                text("%.2f", median(competitor, Round::fairness)),
                Long.toString(of(competitor).stream().mapToLong(Round::retries).sum()));
    }

    /** The median, over the rounds, of what a competitor did to what plain H2 did in the same round. */
    private double ratioToH2(Competitor competitor) {
        List<Round> own = of(competitor);
        List<Round> h2 = of(Competitor.H2);
        double[] ratios = new double[Math.min(own.size(), h2.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = own.get(i).unitsPerSecond() / h2.get(i).unitsPerSecond();
        }
        return median(ratios);
    }

    private double median(Competitor competitor, ToDoubleFunction<Round> figure) {
        return median(of(competitor).stream().mapToDouble(figure).toArray());
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

    private static String micros(long nanos) {
        return text("%.1f", nanos / 1_000.0);
    }

    private static String text(String format, double figure) {
        return String.format(Locale.ROOT, format, figure);
    }
}
