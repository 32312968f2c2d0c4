package io.mortise.watch.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows down those who guess passwords: after three wrong ones from an address, the next may come after a second, then after
 * two, four, at most thirty. Thread-safe; holds up nobody but says how long to wait.
 */
final class Patience {
    private static final int FREE = 3;
    private static final long MOST_MILLIS = 30_000;
    private static final int MOST_ADDRESSES = 1000;

    private final LongSupplier millis;

    @GuardedBy("this")
    private final Map<String, Wrong> wrong = new LinkedHashMap<>();

    private record Wrong(int times, long next) {}

    /** @param millis a clock, from any origin */
    Patience(LongSupplier millis) {
        this.millis = millis;
    }

    /** How many milliseconds this address has to wait for its next try; 0: none. */
    synchronized long wait(String address) {
        Wrong last = wrong.get(address);
        return last == null ? 0 : Math.max(0, last.next - millis.getAsLong());
    }

    synchronized void failed(String address) {
        Wrong last = wrong.remove(address);
        int times = last == null ? 1 : last.times + 1;
        long pause = times < FREE ? 0 : Math.min(MOST_MILLIS, 1000L << Math.min(times - FREE, 10));
        wrong.put(address, new Wrong(times, millis.getAsLong() + pause));
        if (wrong.size() > MOST_ADDRESSES) {
            wrong.remove(wrong.keySet().iterator().next());
        }
    }

    synchronized void succeeded(String address) {
        wrong.remove(address);
    }
}
