package io.mortise.engine.journal.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How much may be logged of one table: ten entries a minute, each about somebody else. So a storm of waits fills no
 * disk, and ten thousand waits for one session are one entry. Thread-safe.
 */
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
        /** Never more than there may be entries. */
        private final Set<Object> causes = new HashSet<>();

        private long leftOut;
    }

    /**
     * Asks for one entry.
     *
     * @param about the table, or what else the entry is about
     * @param cause who is to blame: told of once a minute
     * @return empty if it is left out; else how many were left out since the last one that was logged
     */
    synchronized OptionalLong take(Object about, Object cause, long nowNanos) {
        Object key = minutes.containsKey(about) || minutes.size() < TABLES ? about : OTHERS;
        Minute minute = minutes.computeIfAbsent(key, unused -> new Minute());
        if (minute.causes.isEmpty() || nowNanos - minute.sinceNanos >= MINUTE_NANOS) {
            minute.sinceNanos = nowNanos;
            minute.causes.clear();
        }
        if (minute.causes.size() == MOST || !minute.causes.add(cause)) {
            minute.leftOut++;
            return OptionalLong.empty();
        }
        long leftOut = minute.leftOut;
        minute.leftOut = 0;
        return OptionalLong.of(leftOut);
    }
}
