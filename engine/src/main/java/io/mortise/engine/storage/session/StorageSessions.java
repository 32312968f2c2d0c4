package io.mortise.engine.storage.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.slot.LookingMutex;
import io.mortise.engine.thread.ByNumber;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.Function;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Every session of a database by H2's number. Thread-safe; finding one takes no mutex and, nearly always, no hashing,
 * because it is done for every statement and every lock.
 *
 * <p>A session's place is its number modulo the size. Numbers grow by one, so a place is taken only by a session that
 * has outlived as many others as there are places. The newer one gets it then, and the older is found by its number.
 * There are more places only when more sessions are open at once: what came and went before costs nothing.
 */
public final class StorageSessions {
    private volatile AtomicReferenceArray<@Nullable StorageSession> places = new AtomicReferenceArray<>(64);

    private final Function<SessionLocal, StorageSession> arrival;
    private final Consumer<StorageSession> departure;

    /** Changed under the mutex. */
    private final ByNumber<StorageSession> byId = new ByNumber<>(StorageSession::id);

    /** Their places are theirs until the next one comes: H2 may ask for a session in the middle of its end. */
    @GuardedBy("this")
    private final List<StorageSession> gone = new ArrayList<>();

    public StorageSessions(Function<SessionLocal, StorageSession> arrival, Consumer<StorageSession> departure) {
        this.arrival = arrival;
        this.departure = departure;
    }

    public StorageSession of(SessionLocal session) {
        AtomicReferenceArray<@Nullable StorageSession> current = places;
        StorageSession found = current.get(session.getId() & current.length() - 1);
        return found != null && found.h2() == session ? found : look(session);
    }

    /** Those that are open, the oldest first. */
    public List<StorageSession> open() {
        return byId.all().stream()
                .filter(StorageSession::isOpen)
                .sorted(Comparator.comparingInt(StorageSession::id))
                .toList();
    }

    /** The open one of this number. */
    public Optional<StorageSession> open(int session) {
        return byId.find(session).filter(StorageSession::isOpen);
    }

    /** H2's transaction of the session with this number; empty if none is open there, or the session is not. */
    public Optional<Transaction> transaction(int session) {
        return open(session).map(found -> H2Reflection.transaction(found.h2()));
    }

    private StorageSession look(SessionLocal session) {
        StorageSession known = byId.get(session.getId());
        return known != null && known.h2() == session ? known : enter(session);
    }

    private synchronized StorageSession enter(SessionLocal session) {
        StorageSession known = byId.get(session.getId());
        if (known != null && known.h2() == session) {
            return known;
        }
        // It may have closed, and a thread be in it that has not heard of that. H2's session has ours still.
        // Another one would count as open, and nobody would close it.
        known = Fittings.of(session);
        if (known != null && session.isClosed()) {
            return known;
        }
        gone.forEach(each -> places.compareAndSet(each.id() & places.length() - 1, each, null));
        gone.clear();
        StorageSession arrived = known == null ? arrival.apply(session) : known; // An Error has come between.
        if (known == null && !arrived.isSystem()) {
            Fittings.into(arrived);
        }
        byId.put(arrived);
        int place = session.getId() & places.length() - 1;
        if (places.get(place) != null && byId.all().size() > places.length()) {
            AtomicReferenceArray<@Nullable StorageSession> more = new AtomicReferenceArray<>(2 * places.length());
            byId.all().forEach(each -> more.set(each.id() & more.length() - 1, each));
            places = more;
        }
        places.set(session.getId() & places.length() - 1, arrived);
        return arrived;
    }

    /** A session has closed. */
    public void left(SessionLocal session) {
        try {
            leave(session);
        } finally {
            LookingMutex.closed(session);
        }
    }

    private synchronized void leave(SessionLocal session) {
        StorageSession known = byId.get(session.getId());
        if (known != null && known.h2() == session) {
            byId.remove(known);
            gone.add(known);
            departure.accept(known);
        }
    }
}
