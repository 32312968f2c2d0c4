package io.mortise.engine.session;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The sessions that have a name, which connections of the same user share. One lives as long as a connection is
 * attached, and its timeout after the last has gone. Thread-safe.
 */
final class NamedSessions {
    private static final System.Logger LOG = System.getLogger(NamedSessions.class.getName());

    /** Does something after so many milliseconds. */
    interface Timer {
        @CanIgnoreReturnValue
        Future<?> in(long millis, Runnable action);
    }

    private final Timer timer;

    /**
     * Whose session of which name: another user of the same name gets none of it. In order, because clients choose
     * names, and may choose them so that their hashes are equal.
     */
    private record Key(UserName user, String name) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.<Key, String>comparing(key -> key.user().text()).thenComparing(Key::name);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    @GuardedBy("this")
    private final Map<Key, Session> byName = new HashMap<>();

    private static final long RETRY_MILLIS = 1_000;
    private static final int MOST_WARNED = 1_000;
    /** Of a name, which is as long as its client likes, the beginning is remembered. */
    private static final int LONGEST_WARNED = 200;

    @GuardedBy("this")
    private final Set<Key> warned = new HashSet<>();

    /** The end of a session may be that of its database, so it has a thread of its own. */
    NamedSessions() {
        this(NamedSessions::endIn);
    }

    /** Without a thread to do it, later. */
    private static Future<?> endIn(long millis, Runnable end) {
        return Alarm.in(millis, () -> {
            if (!EngineThread.tryRun("mortise-named-end", end)) {
                endIn(RETRY_MILLIS, end);
            }
        });
    }

    NamedSessions(Timer timer) {
        this.timer = timer;
    }

    /**
     * The session of this name, if there is one; it stays, as a connection is about to be attached to it.
     *
     * @throws SQLException 372 if there is none and {@code SESSION_CHECK=1}
     */
    synchronized Optional<Session> join(UserName user, Settings settings) throws SQLException {
        String name = settings.get(Setting.SESSION_ID);
        Key key = new Key(user, name);
        Session session = byName.get(key);
        if (session == null || !session.storage().isOpen()) {
            if (settings.get(Setting.SESSION_CHECK)) {
                throw EngineError.SESSION_NOT_FOUND.exception("Session '" + name + "' not found. User " + user
                        + " has no session of that name, or it has timed out. No connection was made."
                        + " Leave SESSION_CHECK out to make one.");
            }
            return Optional.empty();
        }
        session.staysFor(Optional.empty());
        if (warned.size() == MOST_WARNED) {
            warned.clear(); // Names are the clients' choice, and there is no end of them: some are warned of again.
        }
        if (warned.add(new Key(user, Cut.of(name, LONGEST_WARNED)))) {
            LOG.log(
                    Level.WARNING,
                    "More than one connection uses the session ''{0}'' of user {1}. They share its one statement in"
                            + " flight: a pool of them is refused, or waits, as if it were one connection.",
                    OneLine.of(name, LONGEST_WARNED),
                    OneLine.of(user.text()));
        }
        return Optional.of(session);
    }

    synchronized void add(Session session) {
        byName.put(new Key(session.user(), session.name()), session);
    }

    /**
     * The last connection has gone: rolls back at once, and closes the session when its time is over. A roll-back takes
     * its time: no other session waits for it, the caller not for ever, and a connection that comes back to this one
     * does.
     */
    void detached(Session session) {
        long since;
        synchronized (this) {
            if (!session.clients().isEmpty()) {
                return;
            }
            since = session.detach();
            session.rollBackNext();
        }
        session.runNext(SessionEnd.LONGEST_MILLIS);
        long millis = TimeUnit.SECONDS.toMillis(session.timeoutSeconds());
        session.staysFor(Optional.of(timer.in(millis, () -> close(session, since))));
    }

    /** Unless a connection has come back since. */
    private void close(Session session, long since) {
        synchronized (this) {
            if (!session.clients().isEmpty() || session.detached() != since) {
                return;
            }
            byName.remove(new Key(session.user(), session.name()), session);
        }
        session.end();
    }

    /** Forgets all, and every schedule; returns those that no connection is left to close. */
    synchronized List<Session> clear() {
        byName.values().forEach(session -> session.staysFor(Optional.empty()));
        List<Session> left = byName.values().stream()
                .filter(session -> session.clients().isEmpty())
                .toList();
        byName.clear();
        return left;
    }

    /** Drops a session at once; its name is free. */
    void forget(Session session) {
        if (!session.isNamed()) {
            return; // It never was here, and need not meet all others that connect or leave.
        }
        synchronized (this) {
            session.staysFor(Optional.empty());
            byName.remove(new Key(session.user(), session.name()), session);
        }
    }
}
