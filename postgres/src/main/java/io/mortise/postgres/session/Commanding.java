package io.mortise.postgres.session;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.Session;
import io.mortise.engine.session.SessionRow;
import io.mortise.postgres.command.Room;
import io.mortise.postgres.server.Backend;
import io.mortise.postgres.server.ServerKind;
import io.mortise.postgres.table.OurTables;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Optional;
import java.util.OptionalLong;

/** What a session's commands reach: sessions of this process with a reason, other clients by the server. Immutable. */
final class Commanding implements Room {
    private final PostgresSession by;

    Commanding(PostgresSession by) {
        this.by = by;
    }

    @Override
    public int session() {
        return by.id();
    }

    @Override
    public Connection connection() {
        return by.below();
    }

    @Override
    public OurTables tables() {
        return Shown.TABLES;
    }

    @Override
    public Optional<String> caveat() {
        return by.caveat();
    }

    /** One of this process that the user may end: their own, or any if the server lets them. */
    private Optional<PostgresSession> own(int session) {
        return by.database().connected().stream()
                .filter(one -> one.id() == session && mayEnd(one))
                .findFirst();
    }

    private boolean mayEnd(PostgresSession other) {
        return other.user().equals(by.user()) || by.mayEndAll();
    }

    @Override
    public void checkEnd(int session, Reach reach) throws SQLException {
        if (own(session).isPresent()) {
            return;
        }
        Backend other = by.database().look(by.user()).backends().get(session);
        if (other == null) {
            throw EngineError.INVALID_VALUE.exception("There is no session " + session
                    + " in this database. Nothing was ended. SYS.SESSIONS lists those that are connected.");
        }
        if (reach == Reach.TRANSACTION && other.state().startsWith("idle")) {
            throw EngineError.NOT_SUPPORTED.exception("The transaction of session " + session
                    + " cannot be rolled back: it is not a session of user " + by.user()
                    + " in this process, and it runs"
                    + " nothing that could be cancelled. Nothing was done. The server can end its connection: KILL SESSION "
                    + session + " DISCONNECT, or ABORT = 2.");
        }
    }

    @Override
    public void end(int session, Reach reach) throws SQLException {
        Optional<PostgresSession> own = own(session);
        if (own.isPresent()) {
            WaitEnd end = switch (reach) {
                case STATEMENT -> WaitEnd.KILLED;
                case TRANSACTION -> WaitEnd.ABORTED;
                case SESSION -> WaitEnd.SESSION_CLOSED;
            };
            own.get().end(new WaitEnding(end, by.id()));
            return;
        }
        // A cancelled statement fails its transaction, and gives back what that has locked.
        ServerKind kind = by.database().kind();
        String ends = reach == Reach.SESSION ? kind.terminate(session) : kind.cancel(session);
        by.database().ask(by.user(), connection -> {
            try (Statement call = connection.createStatement()) {
                return call.execute(ends);
            }
        });
    }

    @Override
    public void endStatement(long statement) throws SQLException {
        Optional<SessionRow> running = by.database().sessions().snapshot().stream()
                .filter(row -> row.statement().id() == statement
                        || row.inLine().stream().anyMatch(waiting -> waiting.id() == statement))
                .findFirst();
        if (running.isEmpty()) {
            return;
        }
        if (!running.get().user().equals(by.user()) && !by.mayEndAll()) {
            throw EngineError.NOT_AUTHORISED.exception(
                    "User " + by.user() + " may not end what session "
                            + running.get().id() + " of user " + running.get().user()
                            + " runs. It goes on. Users may end what is their own; pg_signal_backend is the right to end more.");
        }
        by.database().sessions().end(statement, new WaitEnding(WaitEnd.KILLED, by.id()));
    }

    @Override
    public void awaitEnd(long statement) throws SQLException {
        try {
            by.database().sessions().awaitEnd(statement, () -> by.ending().isPresent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw EngineError.CANCELLED.exception("The thread was interrupted while KILL QUERY ... SYNC waited for"
                    + " statement " + statement + " to end. It has been told to.");
        }
    }

    @Override
    public void closeNamed() throws SQLException {
        Session named = own().filter(session -> !session.name().isEmpty())
                .orElseThrow(() -> EngineError.SESSION_NOT_FOUND.exception("Session " + by.id()
                        + " has no name, so there is nothing to close but its connection."
                        + " It goes on. SESSION_ID in the URL names a session."));
        by.database().sessions().drop(named);
    }

    private Optional<Session> own() {
        return by.database().sessions().session(by.id());
    }

    @Override
    public void nameIs(int number, String name) {
        by.database().nameIs(number, name);
    }

    @Override
    public void waitsFor(OptionalLong millis) {
        by.waitsFor(millis);
    }

    @Override
    public void warn(String text) {
        own().ifPresent(session -> session.warn(new SQLWarning(text, "01000")));
    }
}
