package io.mortise.engine.function;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * UPDATE IPE_CURSESSIONS SET ABORT: 1 ends what a session runs and rolls it back, 2 ends the session. Thread-safe;
 * never waits for the session.
 */
final class AbortColumn implements VirtualTable.Update<SessionRow> {
    /** What the column shows; setting it to that changes nothing. */
    private static final String NO_ABORT = "0";

    private final Storage storage;

    AbortColumn(Storage storage) {
        this.storage = storage;
    }

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
        storage.session(session.id()).ifPresent(target -> target.endings().mark(ending));
    }

    /** One that waits would be granted what the others give back. */
    @Override
    public boolean isFirst(SessionRow session) {
        return session.state() == SessionRow.State.LOCK_WAIT;
    }

    @Override
    public void update(Reader by, SessionRow session, @Nullable Object value) throws SQLException {
        storage.session(session.id()).ifPresent(target -> target.endings().carryOut());
    }

    private static WaitEnd abortBy(@Nullable Object value) throws SQLException {
        return switch (String.valueOf(value)) {
            case "1" -> WaitEnd.ABORTED;
            case "2" -> WaitEnd.SESSION_CLOSED;
            default ->
                throw EngineError.INVALID_VALUE.exception(
                        "ABORT = " + value + " is not a value that ABORT can have. Nothing was ended."
                                + " 1 ends what a session runs and rolls it back, 2 ends the session.");
        };
    }

    static void checkMayEnd(Reader by, SessionRow session) throws SQLException {
        if (!by.maySee(session.user())) {
            throw EngineError.NOT_AUTHORISED.exception(
                    "User " + by.user() + " may not end what session " + session.id() + " of user " + session.user()
                            + " runs. It goes on. Administrators may, and users their own sessions.");
        }
    }
}
