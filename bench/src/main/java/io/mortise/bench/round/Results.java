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
            "rounds",
            "per second",
            "to H2",
            "from",
            "to",
            "p50 us",
            "p99 us",
            "p99.9 us",
            "max us",
            "fairness",
            "refused",
            "timed out",
            "note");

    /** What {@link #rounds} gives. */
    public static final List<String> ROUND_COLUMNS = List.of(
            "workload", "round", "engine", "per second", "p50 us", "p99.9 us", "fairness", "refused", "timed out");

    private static final String FIGURE = "%.2f";

    private final String workload;
    private final Map<Competitor, List<Round>> rounds = new EnumMap<>(Competitor.class);
    private final Map<Competitor, String> notes = new EnumMap<>(Competitor.class);

    public Results(String workload) {
        this.workload = workload;
    }

    public void add(Competitor competitor, Round round) {
        rounds.computeIfAbsent(competitor, any -> new ArrayList<>()).add(round);
    }

    /** Why there are no more rounds of a competitor. */
    public void note(Competitor competitor, String note) {
        notes.put(competitor, note);
    }

    /** Medians of the rounds, the ratio and its extremes those of the same round, latencies of all rounds together. */
    public List<String> row(Competitor competitor) {
        Histogram latencies = new Histogram(3);
        of(competitor).forEach(round -> latencies.add(round.latencies()));
        double[] ratios = ratiosToH2(competitor);
        return List.of(
                workload,
                competitor.name(),
                Integer.toString(of(competitor).size()),
                text("%.0f", median(competitor, Round::unitsPerSecond)),
                text(FIGURE, median(ratios)),
                text(FIGURE, Arrays.stream(ratios).min().orElse(Double.NaN)),
                text(FIGURE, Arrays.stream(ratios).max().orElse(Double.NaN)),
                micros(latencies.getValueAtPercentile(50)),
                micros(latencies.getValueAtPercentile(99)),
                micros(latencies.getValueAtPercentile(99.9)),
                micros(latencies.getMaxValue()),
                text(FIGURE, median(competitor, Round::fairness)),
                Long.toString(of(competitor).stream().mapToLong(Round::refusals).sum()),
                Long.toString(of(competitor).stream().mapToLong(Round::timeouts).sum()),
                notes.getOrDefault(competitor, ""));
    }

    /** Each round by itself, for whoever wants other figures than medians. */
    public List<List<String>> rounds(Competitor competitor) {
        List<List<String>> rows = new ArrayList<>();
        for (Round round : of(competitor)) {
            rows.add(List.of(
                    workload,
                    Integer.toString(rows.size() + 1),
                    competitor.name(),
                    text("%.0f", round.unitsPerSecond()),
                    micros(round.latencies().getValueAtPercentile(50)),
                    micros(round.latencies().getValueAtPercentile(99.9)),
                    text(FIGURE, round.fairness()),
                    Long.toString(round.refusals()),
                    Long.toString(round.timeouts())));
        }
        return rows;
    }

    /** Of each round, what a competitor did to what plain H2 did in it. */
    private double[] ratiosToH2(Competitor competitor) {
        List<Round> own = of(competitor);
        List<Round> h2 = of(Competitor.H2);
        double[] ratios = new double[Math.min(own.size(), h2.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = own.get(i).unitsPerSecond() / h2.get(i).unitsPerSecond();
        }
        return ratios;
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
        return Double.isNaN(figure) ? "-" : String.format(Locale.ROOT, format, figure);
    }
}
