package io.mortise.engine;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.Session;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.StorageCommands;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.view.SqreamNames;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ends statements, transactions and sessions from outside, by each vendor's word for it. Administrators may end all,
 * others what is their own. Thread-safe; never waits for the session that is to be ended, unless told to.
 */
final class Stopping {
    private static final String SCHEMA = "SYS";
    /** SQream prints it whatever has happened. */
    private static final String EXECUTED = "executed";
    /** What the column ABORT shows; setting it to that changes nothing. */
    private static final String NO_ABORT = "0";

    private final Storage storage;
    private final Sessions sessions;

    Stopping(Storage storage, Sessions sessions) {
        this.storage = storage;
        this.sessions = sessions;
    }

    List<VirtualFunction> functions() {
        return List.of(
                function("STOP_STATEMENT", "(id): ends a statement; well also if it has ended", 1, this::stopStatement),
                new QueryKilling(storage, sessions).function(),
                new VirtualFunction(
                        SCHEMA,
                        "RELEASE_DEFUNCT_LOCKS",
                        "RELEASE_DEFUNCT_LOCKS([seconds]): rolls back sessions whose thread has died in a statement, and"
                                + " releases what is left of sessions that are gone",
                        0,
                        1,
                        "VARCHAR",
                        this::releaseDefunctLocks),
                function(
                        "CLOSE_SESSION",
                        "(): ends the named session that calls it; its connections go on in a new one",
                        0,
                        this::closeSession),
                function("REMOVE_LOCK", "(object, statement_id): rolls back who took that lock", 2, this::removeLock),
                function(
                        "REMOVE_STATEMENT_LOCKS",
                        "(statement_id): rolls back who took locks with that statement",
                        1,
                        this::removeStatementLocks));
    }

    private static VirtualFunction function(String name, String about, int arguments, VirtualFunction.Body body) {
        return new VirtualFunction(SCHEMA, name, name + about, arguments, arguments, "VARCHAR", body);
    }

    /** UPDATE IPE_CURSESSIONS SET ABORT: 1 ends what a session runs and rolls it back, 2 ends the session. */
    VirtualTable.Update<SessionRow> abort() {
        return new VirtualTable.Update<>() {
            @Override
            public void checkValue(@Nullable Object value) throws SQLException {
                if (!NO_ABORT.equals(String.valueOf(value))) {
                    abortBy(value);
                }
            }

            @Override
            public void check(Reader by, SessionRow session, @Nullable Object value) throws SQLException {
                abortBy(value);
                checkMayEnd(by, session);
            }

            @Override
            public void mark(Reader by, SessionRow session, @Nullable Object value) throws SQLException {
                WaitEnding ending = new WaitEnding(abortBy(value), by.session());
                storageSession(session.id())
                        .ifPresent(target -> target.endings().mark(ending));
            }

            /** One that waits would be granted what the others give back. */
            @Override
            public boolean isFirst(SessionRow session) {
                return session.state() == SessionRow.State.LOCK_WAIT;
            }

            @Override
            public void update(Reader by, SessionRow session, @Nullable Object value) throws SQLException {
                WaitEnding ending = new WaitEnding(abortBy(value), by.session());
                storageSession(session.id()).ifPresent(target -> target.end(ending));
            }
        };
    }

    private static WaitEnd abortBy(@Nullable Object value) throws SQLException {
        return switch (String.valueOf(value)) {
            case "1" -> WaitEnd.ABORTED;
            case "2" -> WaitEnd.SESSION_CLOSED;
            default ->
                throw EngineError.INVALID_VALUE.exception("ABORT = " + value + " means nothing. Nothing was ended."
                        + " 1 ends what a session runs and rolls it back, 2 ends the session.");
        };
    }

    private Object stopStatement(Reader by, List<@Nullable Object> arguments) throws SQLException {
        long id = number(arguments.get(0));
        Optional<SessionRow> running = running(id);
        if (running.isPresent()) {
            checkMayEnd(by, running.get());
            sessions.end(id, new WaitEnding(WaitEnd.KILLED, by.session()));
        }
        return EXECUTED;
    }

    private Object closeSession(Reader by, List<@Nullable Object> arguments) throws SQLException {
        Session own = sessions.session(by.session())
                .filter(session -> !session.name().isEmpty())
                .orElseThrow(() -> EngineError.SESSION_NOT_FOUND.exception("Session " + by.session()
                        + " has no name, so there is nothing to close but its connection."
                        + " It goes on. SESSION_ID in the URL names a session; DISCONNECT closes a connection."));
        sessions.drop(own);
        return EXECUTED;
    }

    private Object releaseDefunctLocks(Reader by, List<@Nullable Object> arguments) throws SQLException {
        checkTrusted(by);
        long seconds = arguments.isEmpty() ? 0 : number(arguments.get(0));
        if (seconds < 0) {
            throw EngineError.INVALID_VALUE.exception("RELEASE_DEFUNCT_LOCKS(" + seconds + "): there are no " + seconds
                    + " seconds. Nothing was released. Give seconds, 0 or more.");
        }
        long before = storage.clock().getAsLong() - TimeUnit.SECONDS.toNanos(seconds);
        rollBack(
                by,
                sessions.snapshot().stream()
                        .filter(Stopping::isDefunct)
                        .filter(session -> session.statement().startNanos() - before <= 0)
                        .map(SessionRow::id)
                        .toList());
        storage.locks().releaseDefunct();
        return EXECUTED;
    }

    /** Is a statement in flight on a thread that is no more? */
    private static boolean isDefunct(SessionRow session) {
        return session.state().isInFlight()
                && session.statement().id() != 0
                && !session.statement().thread().isAlive();
    }

    private Object removeStatementLocks(Reader by, List<@Nullable Object> arguments) throws SQLException {
        long statement = number(arguments.get(0));
        return remove(by, row -> row.statement().id() == statement);
    }

    private Object removeLock(Reader by, List<@Nullable Object> arguments) throws SQLException {
        String object = String.valueOf(arguments.get(0));
        long statement = number(arguments.get(1));
        SqreamNames names = new SqreamNames(storage.name(), storage.policy().name(), storage.targetNames());
        return remove(
                by,
                row -> row.statement().id() == statement
                        && names.object(row).filter(object::equals).isPresent());
    }

    /**
     * A lock can not be taken from a transaction that goes on believing in it: who holds it is rolled back, and that gives
     * back all.
     */
    private Object remove(Reader by, Predicate<LockRow> which) throws SQLException {
        checkAdmin(by, "Removing locks");
        // A row that nobody waits for is in storage only, and may be all that the statement has taken.
        List<Integer> holders = Stream.concat(storage.locks().snapshot().rows().stream(), storage.rowLocks())
                .filter(LockRow::granted)
                .filter(which)
                .map(row -> row.owner().session())
                .distinct()
                .toList();
        rollBack(by, holders);
        return EXECUTED;
    }

    /** All are marked before the first is ended, and who waits ends before who holds: nobody is granted anything by it. */
    private void rollBack(Reader by, List<Integer> holders) {
        WaitEnding ending = new WaitEnding(WaitEnd.ABORTED, by.session());
        List<StorageSession> targets = storage.sessions().stream()
                .filter(session -> holders.contains(session.id()))
                .sorted(Comparator.comparing(
                        session -> storage.locks().waiting(session.id()).isEmpty()))
                .toList();
        targets.forEach(target -> target.endings().mark(ending));
        targets.forEach(target -> target.end(ending));
    }

    private Optional<SessionRow> running(long statement) {
        return sessions.snapshot().stream()
                .filter(session -> session.statement().id() == statement
                        || session.inLine().stream().anyMatch(waiting -> waiting.id() == statement))
                .findFirst();
    }

    private Optional<StorageSession> storageSession(int id) {
        return storage.session(id);
    }

    private static void checkMayEnd(Reader by, SessionRow session) throws SQLException {
        if (!by.maySee(session.user())) {
            throw EngineError.NOT_AUTHORISED.exception(
                    "User " + by.user() + " may not end what session " + session.id() + " of user " + session.user()
                            + " runs. It goes on. Administrators may, and users their own sessions.");
        }
    }

    private void checkTrusted(Reader by) throws SQLException {
        if (storageSession(by.session())
                .filter(session -> new StorageCommands(session).isTrusted())
                .isEmpty()) {
            throw EngineError.NOT_AUTHORISED.exception("RELEASE_DEFUNCT_LOCKS is for administrators, and for those who"
                    + " may lock the system. Nothing was released. An administrator can GRANT LOCK_SYSTEM TO "
                    + by.user() + ".");
        }
    }

    private static void checkAdmin(Reader by, String what) throws SQLException {
        if (!by.isAdmin()) {
            throw EngineError.NOT_AUTHORISED.exception(
                    what + " is for administrators. Nothing was released. User " + by.user() + " is none.");
        }
    }

    static long number(@Nullable Object argument) throws SQLException {
        try {
            return Long.parseLong(String.valueOf(argument));
        } catch (NumberFormatException e) {
            throw EngineError.INVALID_VALUE.exception(
                    argument + " is no number. Nothing was done. Give the number of a statement, or seconds.");
        }
    }
}
