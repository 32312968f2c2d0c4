package io.mortise.engine.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.h2.engine.Database;

/**
 * What there is once for each database that this process has open. Thread-safe.
 *
 * @param <T> held by the database itself, and here weakly
 */
final class OpenStorages<T> {
    /** A database holds its storage through the roll of its sessions; here neither is held. */
    @GuardedBy("this")
    private final Map<Database, WeakReference<T>> open = new WeakHashMap<>();

    synchronized Optional<T> over(Database database) {
        return Optional.ofNullable(open.get(database)).map(WeakReference::get);
    }

    /** The one that was made for a database, which is yet to begin; empty if there is one already. */
    synchronized Optional<T> enter(Database database, Supplier<T> maker) {
        if (over(database).isPresent()) {
            return Optional.empty();
        }
        T made = maker.get();
        open.put(database, new WeakReference<>(made));
        return Optional.of(made);
    }

    synchronized void leave(Database database) {
        open.remove(database);
    }

    synchronized boolean any(Predicate<T> fact) {
        return open.values().stream()
                .map(WeakReference::get)
                .anyMatch(storage -> storage != null && fact.test(storage));
    }
}
