package io.mortise.bench.round;

import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * What one competitor did in one round of a workload. Immutable but for its histogram, which nobody changes any more.
 *
 * @param units by thread
 * @param nanos by thread, how long it worked
 * @param refusals transactions that were refused because of another and tried again
 * @param timeouts transactions that waited for another until their time was over and were tried again
 * @param usage what it took besides time
 * @param latencies of single units, in nanoseconds, each from its first try
 */
public record Round(long[] units, long[] nanos, long refusals, long timeouts, Usage usage, Histogram latencies) {
    public double unitsPerSecond() {
        double sum = 0;
        for (int thread = 0; thread < units.length; thread++) {
            sum += units[thread] * 1e9 / nanos[thread];
        }
        return sum;
    }

    /** All threads' units. */
    public long unitsInAll() {
        return Arrays.stream(units).sum();
    }

    /** Processor time of a unit, in nanoseconds. */
    public double cpuNanosOfAUnit() {
        return (double) usage.cpuNanos() / unitsInAll();
    }

    /** For what part of the round a compiler was at work. */
    public double compiledPart() {
        return usage.compiledMillis() * 1e6 / longestNanos();
    }

    /** How long the slowest thread worked. */
    public long longestNanos() {
        return Arrays.stream(nanos).max().orElse(1);
    }

    /** Bytes allocated for a unit. */
    public double bytesOfAUnit() {
        return (double) usage.bytes() / unitsInAll();
    }

    /** How often a thread had to wait, for each unit. */
    public double switchesOfAUnit() {
        return (double) usage.switches() / unitsInAll();
    }

    /** The slowest thread's units as a part of the fastest one's. */
    public double fairness() {
        long most = Arrays.stream(units).max().orElse(0);
        return most == 0 ? 0 : (double) Arrays.stream(units).min().orElse(0) / most;
    }
}
