package io.mortise.bench.report;

import java.util.concurrent.TimeUnit;

/** Says what a long measurement is at, three times a minute at most. One thread at a time. */
public final class Progress {
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(20);

    private long saidNanos = System.nanoTime();

    /** The round that comes next, counted from 1, of so many. */
    public void at(String workload, int round, int rounds) {
        long now = System.nanoTime();
        if (now - saidNanos >= QUIET_NANOS) {
            saidNanos = now;
            System.out.println("… " + workload + ", round " + round + " of " + rounds);
        }
    }
}
