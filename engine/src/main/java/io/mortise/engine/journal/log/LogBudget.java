package io.mortise.engine.journal.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** How much may be logged of one table: ten entries a minute, so that a storm of waits fills no disk. Thread-safe. */
final class LogBudget {
    static final int MOST = 10;
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Tables with a budget of their own; the others share one. */
    private static final int TABLES = 100;

    private static final Object OTHERS = "others";

    @GuardedBy("this")
    private final Map<Object, Minute> minutes = new HashMap<>();

    /** A minute of one table, which begins with its first entry. */
    private static final class Minute {
        private long sinceNanos;
        private int logged;
        private long leftOut;
    }

    /**
     * Asks for one entry.
     *
     * @param about the table, or what else the entry is about
     * @return empty if it is left out; else how many were left out since the last one that was logged
     */
    synchronized OptionalLong take(Object about, long nowNanos) {
        Object key = minutes.containsKey(about) || minutes.size() < TABLES ? about : OTHERS;
        Minute minute = minutes.computeIfAbsent(key, unused -> new Minute());
        if (minute.logged == 0 || nowNanos - minute.sinceNanos >= MINUTE_NANOS) {
            minute.sinceNanos = nowNanos;
            minute.logged = 0;
        }
        if (minute.logged == MOST) {
            minute.leftOut++;
            return OptionalLong.empty();
        }
        minute.logged++;
        long leftOut = minute.leftOut;
        minute.leftOut = 0;
        return OptionalLong.of(leftOut);
    }
}
