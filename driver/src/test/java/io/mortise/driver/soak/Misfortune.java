package io.mortise.driver.soak;

import io.mortise.engine.fault.Intruder;
import io.mortise.engine.fault.Spot;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * An Error of the virtual machine now and then, at any of the named places of the engine, on a client's thread or one
 * of the engine's. Which follows from the seed and from how the threads come along. Found as a service; does nothing
 * unless a soak lets it. Thread-safe.
 *
 * <p>It is what an allocation that fails is, but for its class: at an OutOfMemoryError H2 closes the database for all,
 * as if the process had been killed. {@code KilledTest} tries that.
 */
public final class Misfortune implements Intruder {
    private static final String MESSAGE = "injected by the soak at ";
    private static final AtomicLong PASSED = new AtomicLong();
    private static final Map<String, Integer> THROWN = new ConcurrentSkipListMap<>();
    private static volatile long oneOf; // 0: none
    private static volatile long seed;

    /** For the service loader. */
    public Misfortune() {}

    /** From now on one of so many passes of a client fails; 0 for none. */
    static void begin(long oneOfSoMany, long seed) {
        Misfortune.seed = seed;
        oneOf = oneOfSoMany;
    }

    static void end() {
        oneOf = 0;
    }

    /** How many there were, by whose thread it was. */
    static String counts() {
        return THROWN.entrySet().stream()
                .map(entry -> "\n  " + entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining());
    }

    /** Is it one of those, or behind it? Of a batch each row has an exception of its own. */
    static boolean isBehind(Throwable thrown) {
        if (thrown.toString().contains(MESSAGE)) { // H2's server sends the trace of its thread as a text.
            return true;
        }
        Throwable cause = thrown.getCause();
        SQLException next = thrown instanceof SQLException row ? row.getNextException() : null;
        return cause != null && isBehind(cause) || next != null && isBehind(next);
    }

    @Override
    public void at(Spot spot) {
        long rate = oneOf;
        if (rate != 0) {
            String thread = Thread.currentThread().getName();
            long mine = rate(thread, rate);
            if (mine != 0 && Math.floorMod(mixed(seed + PASSED.incrementAndGet()), mine) == 0) {
                THROWN.merge("Errors on threads " + thread.replaceAll("-?[0-9].*", ""), 1, Integer::sum);
                throw new InternalError(MESSAGE + spot);
            }
        }
    }

    /** The engine's own threads, which end, roll back, close and tick, pass seldom. */
    private static long rate(String thread, long rate) {
        if (thread.startsWith("client-") || thread.startsWith("mortise-serve")) {
            return rate;
        }
        return thread.startsWith("mortise-") ? Math.max(1, rate / 50) : 0;
    }

    /** A number that looks like chance. */
    private static long mixed(long number) {
        long mixed = (number ^ (number >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
