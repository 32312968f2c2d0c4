package io.mortise.engine.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.text.Cut;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Warnings for the caller of the statement in flight. A batch may have something to say of each of its rows. So the
 * first are kept, each up to a length, and the last of them says how many there would have been. Thread-safe.
 */
final class Warnings {
    private static final int MOST = 100;
    private static final int LONGEST = 4_096;

    @GuardedBy("this")
    private final List<SQLWarning> kept = new ArrayList<>(0);

    @GuardedBy("this")
    private long more;

    private volatile boolean isAny;

    synchronized void add(String text, String sqlState) {
        if (kept.size() < MOST) {
            kept.add(new SQLWarning(Cut.of(text, LONGEST), sqlState));
            isAny = true;
        } else {
            more++;
        }
    }

    /** Those since the last call, in a chain. */
    Optional<SQLWarning> take() {
        if (!isAny) {
            return Optional.empty();
        }
        synchronized (this) {
            if (more > 0) {
                kept.add(new SQLWarning(
                        more + " more warnings of this execution were not kept: " + MOST + " are.", "01000"));
            }
            for (int i = kept.size() - 1; i > 0; i--) {
                kept.get(i - 1).setNextWarning(kept.get(i));
            }
            Optional<SQLWarning> first = kept.stream().findFirst();
            drop();
            return first;
        }
    }

    void drop() {
        if (isAny) {
            synchronized (this) {
                kept.clear();
                more = 0;
                isAny = false;
            }
        }
    }
}
