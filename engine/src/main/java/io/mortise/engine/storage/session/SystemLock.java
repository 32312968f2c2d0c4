package io.mortise.engine.storage.session;

import io.mortise.engine.backend.ListedSession;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.text.OneLine;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * LOCK SYSTEM: one session keeps everybody else out of the database until it ends. Thread-safe; takes no mutex, because
 * H2 asks it under its own.
 *
 * <p>Who locks first says so and then looks who is there; who comes is there and then looks who has locked. So of two
 * that come at the same time one at least sees the other.
 */
public final class SystemLock {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final LockManager locks;
    private final Supplier<? extends List<? extends ListedSession>> sessions;
    private final AtomicReference<@Nullable Held> held = new AtomicReference<>();

    /**
     * The lock outlives the transaction it was taken in, so it has an owner of its own.
     *
     * @param owner known to the lock manager under the negative of the session's number
     */
    private record Held(ListedSession session, LockOwner owner, Instant since) {}

    /** @param sessions all that are open */
    public SystemLock(LockManager locks, Supplier<? extends List<? extends ListedSession>> sessions) {
        this.locks = locks;
        this.sessions = sessions;
    }

    public void take(ListedSession session) throws SQLException {
        Held before = held.get();
        if (before != null && before.session() == session) {
            return;
        }
        LockOwner owner = locks.register(-session.id(), session.user());
        if (!held.compareAndSet(null, new Held(session, owner, Instant.now()))) {
            locks.unregister(owner);
            admit(session);
            return;
        }
        List<? extends ListedSession> others = sessions.get().stream()
                .filter(other -> other != session && !other.isSystem())
                .toList();
        if (!others.isEmpty()) {
            held.set(null);
            locks.unregister(owner);
            throw EngineError.SESSIONS_ARE_CONNECTED.exception("Other sessions are connected: " + names(others)
                    + ". The system was not locked. End them with UPDATE IPE_CURSESSIONS SET ABORT = 2"
                    + " WHERE SESSION <> CURRENT_SESSION, and lock again.");
        }
        owner.starts(session.owner().statement());
        locks.acquire(owner, new LockTarget.System(), LockMode.X, WaitRule.noWait());
    }

    private static String names(List<? extends ListedSession> sessions) {
        return sessions.stream()
                .map(session -> "session " + session.id() + " of user "
                        + OneLine.of(session.user().text()))
                .collect(Collectors.joining(", "));
    }

    /** A session has come, and is known. */
    public void admit(ListedSession arriving) {
        Held now = held.get();
        if (now != null && now.session() != arriving && !arriving.isSystem()) {
            throw DbException.convert(inhibited(now));
        }
    }

    private static SQLException inhibited(Held now) {
        return EngineError.SESSIONS_INHIBITED.exception("Sessions inhibited. User "
                + OneLine.of(now.session().user().text()) + " has held the system lock since "
                + TIME.format(now.since())
                + " (session "
                + now.session().id() + "). No connection was made. Connect again when session "
                + now.session().id() + " disconnects.");
    }

    /** A session has gone. */
    public void release(ListedSession departed) {
        Held now = held.get();
        if (now != null && now.session() == departed && held.compareAndSet(now, null)) {
            locks.unregister(now.owner());
        }
    }
}
