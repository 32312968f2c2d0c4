package io.mortise.watch.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows down those who guess passwords. After a few wrong ones from an address, or for a user, the next may come after
 * a second, then after two, four, at most thirty. Thread-safe; holds up nobody but says how long to wait.
 */
final class Patience {
    private static final long MOST_MILLIS = 30_000;
    private static final int MOST = 1000;

    private final int free;
    private final LongSupplier millis;

    @GuardedBy("this")
    private final Map<String, Wrong> wrong = new LinkedHashMap<>();

    private record Wrong(int times, long next) {}

    /**
     * @param free so many wrong ones in a row cost nothing but the last of them
     * @param millis a clock, from any origin
     */
    Patience(int free, LongSupplier millis) {
        this.free = free;
        this.millis = millis;
    }

    /** How many milliseconds this one has to wait for its next try; 0: none. */
    synchronized long wait(String who) {
        Wrong last = wrong.get(who);
        return last == null ? 0 : Math.max(0, last.next - millis.getAsLong());
    }

    synchronized void failed(String who) {
        Wrong last = wrong.remove(who);
        int times = last == null ? 1 : last.times + 1;
        long pause = times < free ? 0 : Math.min(MOST_MILLIS, 1000L << Math.min(times - free, 10));
        wrong.put(who, new Wrong(times, millis.getAsLong() + pause));
        if (wrong.size() > MOST) {
            wrong.remove(wrong.keySet().iterator().next());
        }
    }

    synchronized void succeeded(String who) {
        wrong.remove(who);
    }
}
