package io.mortise.postgres.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.journal.Journal;
import io.mortise.engine.journal.report.CallSite;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.thread.EngineThread;
import io.mortise.postgres.lock.Look;
import io.mortise.postgres.lock.Monitor;
import io.mortise.postgres.lock.Names;
import io.mortise.postgres.server.Backend;
import io.mortise.postgres.server.ServerKind;
import io.mortise.postgres.session.Arrival.Credentials;
import io.mortise.postgres.session.Arrival.Server;
import io.mortise.postgres.table.References.Owned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A database of a server, as this process knows it: who is connected from here, and what they did. It is there while
 * somebody is connected. Thread-safe.
 */
final class PostgresDatabase {
    @GuardedBy("OPEN")
    private static final Map<Key, PostgresDatabase> OPEN = new HashMap<>();

    private static final int JOURNAL_SIZE = Setting.JOURNAL_SIZE.defaultValue();

    private final Key key;
    private final ServerKind kind;
    private final EngineClock clock = EngineClock.system();
    /** Numbers transactions, and knows who is in one. Who holds which lock, the server knows. */
    private final LockManager locks = new LockManager(clock);

    private static final int LONGEST_ANSWER_SECONDS = 4;
    private static final int MOST_NAMES = 10_000;
    /** By the number of an advisory lock: what this process has locked by name. */
    private final Map<Integer, String> advisoryNames = new ConcurrentHashMap<>();

    private final Names names = new Names();
    private final Journal journal = new Journal(JOURNAL_SIZE, names);
    private final List<PostgresSession> connected = new CopyOnWriteArrayList<>();
    private final Sessions sessions;
    private final Watch watch = new Watch(this);
    /** By user: nobody looks with another's rights. */
    private final Map<UserName, Monitor> monitors = new ConcurrentHashMap<>();

    /** Sessions of two databases do not see one another, nor do those before and after a restart of the server. */
    private record Key(String address, long started, String database) {}

    private PostgresDatabase(Key key, ServerKind kind) {
        this.key = key;
        this.kind = kind;
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
        Credentials here = credentials.at(connection);
        Key key = new Key(server.address(), server.started(), server.database());
        synchronized (OPEN) {
            PostgresDatabase database = OPEN.computeIfAbsent(key, unused -> new PostgresDatabase(key, server.kind()));
            database.monitors.computeIfAbsent(server.user(), user -> new Monitor(here::connect));
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
            monitors.forEach((user, monitor) -> {
                if (connected.stream().noneMatch(one -> one.user().equals(user)) && monitors.remove(user, monitor)) {
                    monitor.close();
                    watch.forget(user);
                }
            });
        }
        if (connected.isEmpty()) {
            locks.close();
        }
    }

    /** A lock of ours on a name has this number. */
    void nameIs(int number, String name) {
        if (advisoryNames.size() >= MOST_NAMES) {
            advisoryNames.clear(); // They are known again when they are locked again.
        }
        advisoryNames.put(number, name);
    }

    /** The look of this user's at the server. */
    Look look(UserName user) throws SQLException {
        Look look = ask(user, connection -> Look.by(connection, kind, advisoryNames));
        names.remember(look);
        return look;
    }

    /** What users of the database have of their own, as this one sees it. */
    Owned owned(UserName user) {
        return new Owned() {
            @Override
            public boolean has(String schema, String name) throws SQLException {
                return exists(
                        user,
                        "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE c.relname = ?",
                        name,
                        schema);
            }

            @Override
            public boolean hasFunction(String name) throws SQLException {
                return exists(
                        user,
                        "pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
                                + " WHERE p.proname = ?",
                        name,
                        "");
            }
        };
    }

    private boolean exists(UserName user, String from, String name, String schema) throws SQLException {
        return ask(user, connection -> {
            try (PreparedStatement asks = connection.prepareStatement("SELECT EXISTS (SELECT FROM " + from + " AND"
                    + " CASE WHEN ? = '' THEN n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
                    + " ELSE n.nspname = ? END)")) {
                asks.setString(1, name);
                asks.setString(2, schema);
                asks.setString(3, schema);
                try (ResultSet row = asks.executeQuery()) {
                    return row.next() && row.getBoolean(1);
                }
            }
        });
    }

    /** Does the server still run a statement in this session of its own? False also if it does not answer in time. */
    boolean isRunning(UserName user, int pid) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        EngineThread.run("mortise-ask-" + pid, () -> {
            try {
                Backend own = look(user).backends().get(pid);
                answer.complete(own != null && own.state().equals("active"));
            } catch (SQLException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(LONGEST_ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(PostgresDatabase.class.getName())
                    .log(System.Logger.Level.DEBUG, "asking what session " + pid + " runs", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Asks the server as this user, outside any transaction of theirs. */
    <T> T ask(UserName user, Monitor.Question<T> question) throws SQLException {
        Monitor monitor = monitors.get(user);
        if (monitor == null) {
            throw new SQLNonTransientConnectionException("The session is closed.", "08003", 0);
        }
        return monitor.ask(question);
    }

    Names names() {
        return names;
    }

    Watch watch() {
        return watch;
    }

    ServerKind kind() {
        return kind;
    }

    String address() {
        return key.address();
    }

    String name() {
        return key.database();
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
