package io.mortise.engine.function;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * KILL SESSION, as the function that the statement calls: what STOP_STATEMENT and ABORT do, by the number of the
 * session. Thread-safe; never waits for the session.
 */
final class KillSession {
    private final Sessions sessions;
    private final VirtualTable.Update<SessionRow> abort;

    /** @param abort what setting the column ABORT of a session does, with its rights */
    KillSession(Sessions sessions, VirtualTable.Update<SessionRow> abort) {
        this.sessions = sessions;
        this.abort = abort;
    }

    VirtualFunction function() {
        return new VirtualFunction(
                "SYS",
                "KILL_SESSION",
                "KILL_SESSION(session [, 'CANCEL' | 'ROLLBACK' | 'DISCONNECT']): what KILL SESSION calls",
                1,
                2,
                "VARCHAR",
                this::kill);
    }

    private @Nullable Object kill(Reader by, List<@Nullable Object> arguments) throws SQLException {
        SessionRow session = session(arguments.get(0));
        String mode = arguments.size() < 2
                ? "DISCONNECT"
                : String.valueOf(arguments.get(1)).toUpperCase(Locale.ROOT);
        switch (mode) {
            case "CANCEL" -> cancel(by, session);
            case "ROLLBACK" -> abort(by, session, 1);
            case "DISCONNECT" -> abort(by, session, 2);
            default ->
                throw EngineError.INVALID_VALUE.exception("KILL SESSION … " + mode + " is not known. Session "
                        + session.id() + " goes on. Say CANCEL, ROLLBACK or DISCONNECT.");
        }
        return null;
    }

    private SessionRow session(@Nullable Object number) throws SQLException {
        return sessions.snapshot().stream()
                .filter(session -> String.valueOf(session.id()).equals(String.valueOf(number)))
                .findFirst()
                .orElseThrow(() -> EngineError.INVALID_VALUE.exception("There is no session " + number
                        + ". Nothing was ended. SYS.SESSIONS lists those that are connected."));
    }

    /** Well also if nothing runs in it. */
    private void cancel(Reader by, SessionRow session) throws SQLException {
        abort.check(by, session, 1);
        sessions.end(session.statement().id(), new WaitEnding(WaitEnd.KILLED, by.session()));
    }

    private void abort(Reader by, SessionRow session, int how) throws SQLException {
        abort.check(by, session, how);
        abort.mark(by, session, how);
        abort.update(by, session, how);
    }
}
