package io.mortise.engine.function;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.Session;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.view.SqreamNames;
import io.mortise.engine.virtual.VirtualFunction;
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
 * others what is their own. Thread-safe; never waits for the session that it ends, unless told to.
 */
final class StopFunctions {
    private static final String SCHEMA = "SYS";
    /** SQream prints it whatever has happened. */
    private static final String EXECUTED = "executed";

    private final Storage storage;
    private final Sessions sessions;
    private final Callers callers;

    StopFunctions(Storage storage, Sessions sessions, Callers callers) {
        this.storage = storage;
        this.sessions = sessions;
        this.callers = callers;
    }

    List<VirtualFunction> all() {
        return List.of(
                function(
                        "STOP_STATEMENT",
                        "(id): ends a statement; succeeds if it has already ended",
                        1,
                        this::stopStatement),
                new VirtualFunction(
                        SCHEMA,
                        "RELEASE_DEFUNCT_LOCKS",
                        "RELEASE_DEFUNCT_LOCKS([seconds]): rolls back sessions whose thread has died in a statement, and"
                                + " releases what is left of sessions that are gone",
                        0,
                        1,
                        "VARCHAR",
                        callers.handedTo(this::releaseDefunctLocks)),
                function(
                        "CLOSE_SESSION",
                        "(): ends the named session that calls it; its connections go on in a new one",
                        0,
                        this::closeSession),
                function(
                        "REMOVE_LOCK",
                        "(object, statement_id): rolls back the transaction that took that lock",
                        2,
                        this::removeLock),
                function(
                        "REMOVE_STATEMENT_LOCKS",
                        "(statement_id): rolls back the transaction that took locks with that statement",
                        1,
                        this::removeStatementLocks));
    }

    private VirtualFunction function(String name, String about, int arguments, Caller.Body body) {
        return new VirtualFunction(SCHEMA, name, name + about, arguments, arguments, "VARCHAR", callers.handedTo(body));
    }

    private Object stopStatement(Caller by, List<@Nullable Object> arguments) throws SQLException {
        long id = number(arguments.get(0));
        Optional<SessionRow> running = running(id);
        if (running.isPresent()) {
            AbortColumn.checkMayEnd(by.reader(), running.get());
            sessions.end(id, new WaitEnding(WaitEnd.KILLED, by.session().id()));
        }
        return EXECUTED;
    }

    private Object closeSession(Caller by, List<@Nullable Object> arguments) throws SQLException {
        Session own = sessions.session(by.session().id())
                .filter(session -> !session.name().isEmpty())
                .orElseThrow(
                        () -> EngineError.SESSION_NOT_FOUND.exception(
                                "Session " + by.session().id()
                                        + " has no name, so there is nothing to close but its connection."
                                        + " It goes on. SESSION_ID in the URL names a session; DISCONNECT closes a connection."));
        sessions.drop(own);
        return EXECUTED;
    }

    private Object releaseDefunctLocks(Caller by, List<@Nullable Object> arguments) throws SQLException {
        checkTrusted(by);
        long seconds = arguments.isEmpty() ? 0 : number(arguments.get(0));
        if (seconds < 0) {
            throw EngineError.INVALID_VALUE.exception(
                    "RELEASE_DEFUNCT_LOCKS(" + seconds + "): the seconds must be 0 or more. Nothing was released.");
        }
        long before = storage.clock().getAsLong() - TimeUnit.SECONDS.toNanos(seconds);
        rollBack(
                by,
                sessions.snapshot().stream()
                        .filter(StopFunctions::isDefunct)
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

    private Object removeStatementLocks(Caller by, List<@Nullable Object> arguments) throws SQLException {
        long statement = number(arguments.get(0));
        return remove(by, row -> row.statement().id() == statement);
    }

    private Object removeLock(Caller by, List<@Nullable Object> arguments) throws SQLException {
        String object = String.valueOf(arguments.get(0));
        long statement = number(arguments.get(1));
        SqreamNames names = new SqreamNames(storage.name(), storage.policy().name(), storage.targetNames());
        return remove(
                by,
                row -> row.statement().id() == statement
                        && names.object(row).filter(object::equals).isPresent());
    }

    /**
     * A lock cannot be taken from a transaction that goes on believing in it: who holds it is rolled back, and that
     * gives back all.
     */
    private Object remove(Caller by, Predicate<LockRow> which) throws SQLException {
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

    /**
     * All are marked before the first is ended, and who waits ends before who holds: nobody is granted anything by it.
     */
    private void rollBack(Caller by, List<Integer> holders) {
        WaitEnding ending = new WaitEnding(WaitEnd.ABORTED, by.session().id());
        List<StorageSession> targets = storage.sessions().stream()
                .filter(session -> holders.contains(session.id()))
                .sorted(Comparator.comparing(
                        session -> storage.locks().waiting(session.id()).isEmpty()))
                .toList();
        targets.forEach(target -> target.endings().mark(ending));
        targets.forEach(target -> target.endings().carryOut());
    }

    private Optional<SessionRow> running(long statement) {
        return sessions.snapshot().stream()
                .filter(session -> session.statement().id() == statement
                        || session.inLine().stream().anyMatch(waiting -> waiting.id() == statement))
                .findFirst();
    }

    private void checkTrusted(Caller by) throws SQLException {
        if (!by.commands().isTrusted()) {
            throw EngineError.NOT_AUTHORISED.exception("RELEASE_DEFUNCT_LOCKS is for administrators, and for those who"
                    + " may lock the system. Nothing was released. An administrator can GRANT LOCK_SYSTEM TO "
                    + by.session().user() + ".");
        }
    }

    private static void checkAdmin(Caller by, String what) throws SQLException {
        if (!by.reader().isAdmin()) {
            throw EngineError.NOT_AUTHORISED.exception(what + " is for administrators. Nothing was released. User "
                    + by.session().user() + " is not an administrator.");
        }
    }

    static long number(@Nullable Object argument) throws SQLException {
        try {
            return Long.parseLong(String.valueOf(argument));
        } catch (NumberFormatException e) {
            throw EngineError.INVALID_VALUE.exception(argument + " is not a number. Nothing was done.");
        }
    }
}
