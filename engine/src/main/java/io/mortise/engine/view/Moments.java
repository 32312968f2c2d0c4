package io.mortise.engine.view;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.virtual.Reader;
import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives all tables that one statement reads the same moment. Thread-safe.
 *
 * <p>Nothing says when a statement has read its last table, so the last few moments are kept, softly. A join of two
 * tables finds its own, and memory that is wanted elsewhere is given up.
 */
final class Moments {
    private static final int KEPT = 16;

    private final Sources sources;

    @GuardedBy("this")
    private final Map<Integer, Taken> bySession = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Taken> eldest) {
            return size() > KEPT;
        }
    };

    private record Taken(long statement, SoftReference<Moment> moment) {}

    Moments(Sources sources) {
        this.sources = sources;
    }

    Moment of(Reader reader) {
        Moment known = known(reader);
        if (known != null) {
            return known;
        }
        // Taken outside the mutex: it takes as long as there are locks. One session reads on one thread at a time.
        Moment fresh = new Moment(sources);
        synchronized (this) {
            bySession.remove(reader.session());
            bySession.put(reader.session(), new Taken(reader.statement(), new SoftReference<>(fresh)));
        }
        return fresh;
    }

    private synchronized @org.jspecify.annotations.Nullable Moment known(Reader reader) {
        Taken taken = bySession.get(reader.session());
        return taken != null && taken.statement() == reader.statement() && reader.statement() != 0
                ? taken.moment().get()
                : null;
    }
}
