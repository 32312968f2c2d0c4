package io.mortise.postgres.session;

import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.Alarm;
import io.mortise.engine.thread.EngineThread;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks at the server while our statements take long, so that there is something to say of a wait when it has ended. It
 * looks when one is 100 ms old, and each second after that. Asks nothing while none is, and does nothing while none
 * runs. Thread-safe.
 */
final class Watch {
    private static final long OLD_MILLIS = 100;
    private static final long OLD_NANOS = TimeUnit.MILLISECONDS.toNanos(OLD_MILLIS);
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final PostgresDatabase database;
    private final AtomicBoolean isTicking = new AtomicBoolean();
    /** By user, as of the last look. */
    private final Map<UserName, Seen> looks = new ConcurrentHashMap<>();

    Watch(PostgresDatabase database) {
        this.database = database;
    }

    /** A statement begins. */
    void begins() {
        if (!isTicking.get() && isTicking.compareAndSet(false, true)) {
            Alarm.in(OLD_MILLIS, this::tick);
        }
    }

    /** What this user's last look saw, if that was after this moment. */
    Optional<Seen> last(UserName user, long sinceNanos) {
        return Optional.ofNullable(looks.get(user)).filter(seen -> seen.nanos() - sinceNanos > 0);
    }

    /** Nobody of this user's is here any more. */
    void forget(UserName user) {
        looks.remove(user);
    }

    private void tick() {
        List<PostgresSession> running = database.connected().stream()
                .filter(session -> session.course().isRunning())
                .toList();
        if (running.isEmpty()) {
            isTicking.set(false);
            // One may have begun after the first question and before the second.
            if (database.connected().stream()
                    .anyMatch(session -> session.course().isRunning())) {
                begins();
            }
            return;
        }
        long now = System.nanoTime();
        List<UserName> due = running.stream()
                .filter(session -> isDue(session, now))
                .map(PostgresSession::user)
                .distinct()
                .toList();
        if (due.isEmpty()) {
            Alarm.in(OLD_MILLIS, this::tick);
        } else {
            EngineThread.run("mortise-look", () -> look(due));
        }
    }

    private boolean isDue(PostgresSession session, long now) {
        long since = session.course().announced().startNanos();
        Seen last = looks.get(session.user());
        boolean isFresh = last != null && last.nanos() - (since + OLD_NANOS) >= 0 && now - last.nanos() < AGAIN_NANOS;
        return now - since >= OLD_NANOS && !isFresh;
    }

    private void look(List<UserName> users) {
        try {
            for (UserName user : users) {
                looks.put(user, new Seen(database, database.look(user)));
            }
        } catch (SQLException e) {
            System.getLogger(Watch.class.getName()).log(System.Logger.Level.DEBUG, "looking at the server", e);
        } finally {
            Alarm.in(OLD_MILLIS, this::tick);
        }
    }
}
