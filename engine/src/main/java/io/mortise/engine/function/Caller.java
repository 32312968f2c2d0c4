package io.mortise.engine.function;

import io.mortise.engine.storage.StorageCommands;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.virtual.Reader;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who calls a function. Immutable.
 *
 * @param reader what it may see
 * @param session whose statement calls
 */
record Caller(Reader reader, StorageSession session) {
    /** What a call of a function does, on the session's thread, inside its statement. */
    interface Body {
        @Nullable
        Object call(Caller caller, List<@Nullable Object> arguments) throws SQLException;
    }

    /** The same of a function that returns a table: its rows. */
    interface TableBody<R> {
        List<R> call(Caller caller, List<@Nullable Object> arguments) throws SQLException;
    }

    StorageCommands commands() {
        return new StorageCommands(session);
    }
}
