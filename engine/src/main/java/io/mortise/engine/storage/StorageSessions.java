package io.mortise.engine.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Function;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Every session of a database by H2's number. Thread-safe; finding one takes no mutex and no hashing, because it is done
 * for every statement and every lock.
 *
 * <p>A session's place is its number modulo the size. Numbers grow by one, so places collide only when a session outlives
 * as many others as there are places: then there are twice as many.
 */
final class StorageSessions {
    private volatile AtomicReferenceArray<@Nullable StorageSession> places = new AtomicReferenceArray<>(64);

    private final Function<SessionLocal, StorageSession> arrival;
    private final Consumer<StorageSession> departure;

    @GuardedBy("this")
    private final List<StorageSession> all = new ArrayList<>();

    StorageSessions(Function<SessionLocal, StorageSession> arrival, Consumer<StorageSession> departure) {
        this.arrival = arrival;
        this.departure = departure;
    }

    StorageSession of(SessionLocal session) {
        AtomicReferenceArray<@Nullable StorageSession> current = places;
        StorageSession found = current.get(session.getId() & current.length() - 1);
        return found != null && found.h2() == session ? found : look(session);
    }

    /** Those that are open. */
    synchronized List<StorageSession> open() {
        return all.stream().filter(StorageSession::isOpen).toList();
    }

    /** H2's transaction of the session with this number; empty if none is open there, or the session is not. */
    Optional<Transaction> transaction(int session) {
        return open().stream()
                .filter(candidate -> candidate.id() == session)
                .findFirst()
                .map(found -> H2Reflection.transaction(found.h2()));
    }

    private synchronized StorageSession look(SessionLocal session) {
        for (StorageSession candidate : all) {
            if (candidate.h2() == session) {
                return candidate;
            }
        }
        StorageSession arrived = arrival.apply(session);
        all.add(arrived);
        place();
        return arrived;
    }

    /** A session has closed. */
    synchronized void left(SessionLocal session) {
        for (StorageSession known : List.copyOf(all)) {
            if (known.h2() == session) {
                all.remove(known);
                departure.accept(known);
            }
        }
    }

    @GuardedBy("this")
    private void place() {
        int size = places.length();
        while (!fits(size)) {
            size *= 2;
        }
        StorageSession[] next = new StorageSession[size];
        for (StorageSession session : all) {
            next[session.id() & size - 1] = session;
        }
        if (size == places.length()) {
            for (int i = 0; i < size; i++) {
                places.set(i, next[i]);
            }
        } else {
            places = new AtomicReferenceArray<>(next);
        }
    }

    @GuardedBy("this")
    private boolean fits(int size) {
        boolean[] used = new boolean[size];
        for (StorageSession session : all) {
            int place = session.id() & size - 1;
            if (used[place]) {
                return false;
            }
            used[place] = true;
        }
        return true;
    }
}
