package io.mortise.engine.meter;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The open databases of this process, and who measures them. Thread-safe. */
public final class Meters {
    private static final Map<String, DatabaseMeters> OPEN = new ConcurrentHashMap<>();
    private static final List<MeterListener> LISTENERS = new CopyOnWriteArrayList<>();

    private Meters() {}

    /** The database that {@code DATABASE()} calls so; of two that share a name, the one that was opened last. */
    public static Optional<DatabaseMeters> of(String database) {
        return Optional.ofNullable(OPEN.get(database));
    }

    /** All that are open. */
    public static List<DatabaseMeters> open() {
        return List.copyOf(OPEN.values());
    }

    /** Tells this one from now on, until {@link #ignore}. */
    public static void listen(MeterListener listener) {
        LISTENERS.add(listener);
    }

    public static void ignore(MeterListener listener) {
        LISTENERS.remove(listener);
    }

    /** A database is open. */
    public static void add(DatabaseMeters meters) {
        OPEN.put(meters.database(), meters);
        tell(listener -> listener.opened(meters));
    }

    /** It has closed. */
    public static void remove(DatabaseMeters meters) {
        OPEN.remove(meters.database(), meters);
    }

    /** Tells everybody who measures. Nearly free while nobody does. */
    public static void tell(Consumer<MeterListener> news) {
        for (MeterListener listener : LISTENERS) {
            try {
                news.accept(listener);
            } catch (RuntimeException | Error e) {
                continue; // Who measures disturbs nobody.
            }
        }
    }
}
