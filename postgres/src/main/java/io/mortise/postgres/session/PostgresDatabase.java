package io.mortise.postgres.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.journal.Journal;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.lock.EngineClock;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.postgres.session.Arrival.Credentials;
import io.mortise.postgres.session.Arrival.Server;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A database of a server, as this process knows it: who is connected from here, and what they did. It is there while
 * somebody is connected. Thread-safe.
 */
final class PostgresDatabase {
    @GuardedBy("OPEN")
    private static final Map<Key, PostgresDatabase> OPEN = new HashMap<>();

    private static final int JOURNAL_SIZE = Setting.JOURNAL_SIZE.defaultValue();

    private final Key key;
    private final EngineClock clock = EngineClock.system();
    /** Numbers transactions, and knows who is in one. Who holds which lock, the server knows. */
    private final LockManager locks = new LockManager(clock);

    private final Journal journal = new Journal(JOURNAL_SIZE, target -> Names.unknown(target));
    private final List<PostgresSession> connected = new CopyOnWriteArrayList<>();
    private final Sessions sessions;

    /** Sessions of two databases do not see one another, nor do those before and after a restart of the server. */
    private record Key(String address, long started, String database) {}

    private PostgresDatabase(Key key) {
        this.key = key;
        this.sessions = new Sessions(clock, () -> connected, PostgresDatabase::callSite);
    }

    private static Optional<String> callSite() {
        return CallSite.of(List.of(new Throwable().getStackTrace()));
    }

    /** Begins a session in the database that this connection is to. The connection is the session's from now on. */
    static Attachment begin(Server server, Connection connection, Credentials credentials, Settings settings)
            throws SQLException {
        PostgresSession session = join(server, connection, credentials);
        try {
            return session.database().sessions.begin(session, settings);
        } catch (Throwable e) {
            session.abandon(e);
            throw e;
        }
    }

    private static PostgresSession join(Server server, Connection connection, Credentials credentials)
            throws SQLException {
        Key key = new Key(server.address(), server.started(), server.database());
        synchronized (OPEN) {
            PostgresDatabase database = OPEN.computeIfAbsent(key, PostgresDatabase::new);
            PostgresSession session = new PostgresSession(database, connection, server);
            database.connected.add(session);
            return session;
        }
    }

    /** A session has gone. */
    void left(Course session) {
        synchronized (OPEN) {
            if (connected.removeIf(one -> one.course() == session) && connected.isEmpty()) {
                OPEN.remove(key, this);
            }
        }
        if (connected.isEmpty()) {
            locks.close();
        }
    }

    EngineClock clock() {
        return clock;
    }

    LockManager locks() {
        return locks;
    }

    Journal journal() {
        return journal;
    }

    Sessions sessions() {
        return sessions;
    }

    List<PostgresSession> connected() {
        return connected;
    }
}
