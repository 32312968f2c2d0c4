package io.mortise.engine.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.h2.engine.Database;

/** The storages of the databases that this process has open. Thread-safe. */
final class OpenStorages {
    /** A database holds its storage through the roll of its sessions; here neither is held. */
    @GuardedBy("this")
    private final Map<Database, WeakReference<Storage>> open = new WeakHashMap<>();

    synchronized Optional<Storage> over(Database database) {
        return Optional.ofNullable(open.get(database)).map(WeakReference::get);
    }

    /** The one that was made for a database, which is yet to begin; empty if there is one already. */
    synchronized Optional<Storage> enter(Database database, Supplier<Storage> maker) {
        if (over(database).isPresent()) {
            return Optional.empty();
        }
        Storage made = maker.get();
        open.put(database, new WeakReference<>(made));
        return Optional.of(made);
    }

    synchronized void leave(Database database) {
        open.remove(database);
    }

    synchronized boolean any(Predicate<Storage> fact) {
        return open.values().stream()
                .map(WeakReference::get)
                .anyMatch(storage -> storage != null && fact.test(storage));
    }
}
