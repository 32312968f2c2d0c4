package io.mortise.engine;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.storage.Reader;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.StorageSession;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ends what other sessions do: administrators anybody's, users their own. Takes effect at once, and no roll-back undoes
 * it. Thread-safe.
 */
record Aborts(Storage storage) {
    private static final long STATEMENT = 1;
    private static final long SESSION = 2;

    /** {@code UPDATE IPE_CURSESSIONS SET ABORT = …}: 1 ends the statement and rolls back, 2 ends the session. */
    void abort(Reader by, int session, @Nullable Object value) throws SQLException {
        boolean isKnown = Objects.equals(value, STATEMENT) || Objects.equals(value, SESSION);
        if (!isKnown) {
            throw EngineError.INVALID_VALUE.exception("ABORT = " + value + " means nothing. Nothing was aborted. "
                    + "1 ends the statement of a session and rolls its transaction back, 2 ends the session.");
        }
        Optional<StorageSession> found = find(session);
        if (found.isPresent()) {
            check(by, found.get());
            WaitEnd end = Objects.equals(value, STATEMENT) ? WaitEnd.ABORTED : WaitEnd.SESSION_CLOSED;
            found.get().end(new WaitEnding(end, by.session()));
        }
    }

    /** STOP_STATEMENT: ends the statement of this number if it runs; one that has ended is nobody's trouble. */
    void stop(Reader by, long statement) throws SQLException {
        for (StorageSession session : storage.sessions()) {
            StatementRecord running = session.owner().statement();
            if (running.id() == statement && session.owner().idleSince() == 0) {
                check(by, session);
                session.end(new WaitEnding(WaitEnd.KILLED, by.session()));
            }
        }
    }

    private Optional<StorageSession> find(int id) {
        return storage.sessions().stream()
                .filter(session -> session.id() == id && !session.isSystem())
                .findFirst();
    }

    private static void check(Reader by, StorageSession session) throws SQLException {
        if (!by.maySee(session.user())) {
            throw EngineError.NOT_AUTHORISED.exception("Session " + session.id() + " is " + session.user()
                    + "'s. Nothing was ended. Administrators end anybody's sessions, others their own.");
        }
    }
}
