package io.mortise.postgres.session;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.Party.Doing;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.text.UserName;
import io.mortise.postgres.lock.Look;
import io.mortise.postgres.server.Backend;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who is connected to the database, by the number of their process on the server. Our sessions come with all
 * that is known here, other clients with what the server says of them. They have no thread and no call site. One thread
 * at a time.
 */
final class Others {
    private static final Thread NOWHERE = new Thread("");

    private final Look look;
    private final Map<Integer, PostgresSession> ours = new HashMap<>();

    Others(PostgresDatabase database, Look look) {
        this.look = look;
        database.connected().forEach(session -> ours.put(session.id(), session));
    }

    @Nullable
    PostgresSession ours(int pid) {
        return ours.get(pid);
    }

    OwnerId owner(int pid) {
        PostgresSession session = ours.get(pid);
        return session == null
                ? new OwnerId(pid, look.transaction(pid))
                : session.owner().id();
    }

    StatementRecord statement(int pid) {
        PostgresSession session = ours.get(pid);
        if (session != null) {
            return session.owner().statement();
        }
        Backend backend = look.backends().get(pid);
        return backend == null
                ? new StatementRecord(-pid, pid, UserName.NONE, "", "", look.nanos(), NOWHERE)
                : new StatementRecord(
                        -pid, pid, backend.user(), "", backend.query(), ago(backend.querySeconds()), NOWHERE);
    }

    private long ago(double seconds) {
        return look.nanos() - (long) (Math.max(0, seconds) * 1e9);
    }

    Party party(Backend backend) {
        PostgresSession session = ours.get(backend.pid());
        boolean isIdle = backend.state().startsWith("idle");
        Doing doing = backend.waitsForLock()
                ? Doing.LOCK_WAIT
                : !isIdle ? Doing.RUNNING : backend.isInTransaction() ? Doing.IDLE_IN_TRANSACTION : Doing.IDLE;
        return new Party(
                owner(backend.pid()),
                backend.user(),
                statement(backend.pid()),
                isIdle ? (long) (backend.stateSeconds() * 1e9) : Party.RUNS,
                ago(backend.transactionSeconds()),
                0,
                session == null ? 0 : session.owner().rowsChanged(),
                List.of(),
                Party.Standing.of(doing));
    }

    /** For a report: with the place where its thread stands, if it is ours; another's has no thread to name. */
    Party reported(Backend backend) {
        Party party = party(backend);
        PostgresSession session = ours.get(backend.pid());
        StatementRecord statement = session == null
                ? new StatementRecord(0, backend.pid(), backend.user(), "", backend.query(), look.nanos(), NOWHERE)
                : party.statement();
        return new Party(
                party.owner(),
                party.user(),
                statement,
                party.idleNanos(),
                party.startNanos(),
                0,
                party.rowsChanged(),
                List.of(statement.thread().getStackTrace()),
                party.standing());
    }

    /**
     * Somebody who had a lock and is no client of the database: a prepared transaction, or one that has gone meanwhile.
     */
    Party gone(OwnerId owner) {
        return new Party(
                owner,
                UserName.NONE,
                StatementRecord.NONE,
                Party.RUNS,
                look.nanos(),
                0,
                0,
                List.of(),
                Party.Standing.of(Doing.RUNNING));
    }

    /** Of a client that is not ours. */
    SessionRow row(Backend backend) {
        StatementRecord statement = statement(backend.pid());
        boolean isInTransaction = backend.isInTransaction();
        SessionRow.State state = backend.waitsForLock()
                ? SessionRow.State.LOCK_WAIT
                : !backend.state().startsWith("idle")
                        ? SessionRow.State.RUNNING
                        : isInTransaction ? SessionRow.State.IDLE_IN_TRANSACTION : SessionRow.State.IDLE;
        return new SessionRow(
                backend.pid(),
                "",
                backend.user(),
                backend.start(),
                backend.application().isEmpty() ? backend.address() : backend.application(),
                !isInTransaction,
                "",
                owner(backend.pid()).transaction(),
                state,
                ago(backend.stateSeconds()),
                statement,
                List.of(),
                0,
                1,
                false,
                statement);
    }
}
