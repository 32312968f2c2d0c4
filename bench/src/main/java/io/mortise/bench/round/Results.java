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
    /**
     * What {@link #row} gives beside plain H2. What a unit takes stands behind: processor time, units for each second
     * of it beside those of plain H2, bytes allocated, and how often a thread had to wait.
     */
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
            "cpu us",
            "per cpu to H2",
            "bytes",
            "switches",
            "note");

    /** The same where the others are compared with this one. */
    public static List<String> columns(Competitor base) {
        return COLUMNS.stream()
                .map(column -> column.replace(Competitor.H2.name(), base.name()))
                .toList();
    }

    /** What {@link #rounds} gives. */
    public static final List<String> ROUND_COLUMNS = List.of(
            "workload",
            "round",
            "engine",
            "per second",
            "p50 us",
            "p99.9 us",
            "fairness",
            "refused",
            "timed out",
            "cpu us",
            "bytes",
            "switches");

    private static final String FIGURE = "%.2f";

    private final String workload;
    private final Competitor base;
    private final Map<Competitor, List<Round>> rounds = new EnumMap<>(Competitor.class);
    private final Map<Competitor, String> notes = new EnumMap<>(Competitor.class);

    /** @param base whom the others are compared with */
    public Results(String workload, Competitor base) {
        this.workload = workload;
        this.base = base;
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
        double[] ratios = ratios(competitor, Round::unitsPerSecond);
        double perCpu = 1 / median(ratios(competitor, Round::cpuNanosOfAUnit));
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
                text("%.2f", median(competitor, Round::cpuNanosOfAUnit) / 1_000),
                text(FIGURE, perCpu),
                text("%.0f", median(competitor, Round::bytesOfAUnit)),
                text("%.3f", median(competitor, Round::switchesOfAUnit)),
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
                    Long.toString(round.timeouts()),
                    text("%.2f", round.cpuNanosOfAUnit() / 1_000),
                    text("%.0f", round.bytesOfAUnit()),
                    text("%.3f", round.switchesOfAUnit())));
        }
        return rows;
    }

    /** A competitor's figure of each round as so many times that of whom it is compared with. */
    private double[] ratios(Competitor competitor, ToDoubleFunction<Round> figure) {
        List<Round> own = of(competitor);
        List<Round> others = of(base);
        double[] ratios = new double[Math.min(own.size(), others.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(own.get(i)) / figure.applyAsDouble(others.get(i));
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
