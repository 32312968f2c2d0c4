package io.mortise.engine.storage.ending;

import io.mortise.engine.storage.h2.RoutedErrors;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcException;

/** What a session is told that another one has closed, where H2 has no words of its own for it. Stateless. */
public final class ClosedByAnother {
    private ClosedByAnother() {}

    /** Empty if this error says something else. Asks whether the database is being closed. */
    public static Optional<SQLException> said(SQLException fromBelow, SessionLocal session, BooleanSupplier isEnding) {
        return switch (fromBelow.getErrorCode()) {
            case ErrorCode.DATABASE_IS_IN_EXCLUSIVE_MODE ->
                isEnding.getAsBoolean()
                        ? Optional.of(RoutedErrors.databaseClosed(
                                fromBelow,
                                "The database has been shut down by another session. This one has ended, and its"
                                        + " transaction was rolled back. To open the database again, connect."))
                        : Optional.empty();
            case ErrorCode.DATABASE_CALLED_AT_SHUTDOWN ->
                session.isClosed() && !isEnding.getAsBoolean() && fromBelow instanceof JdbcException
                        ? Optional.of(aborted(fromBelow))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** H2 says of every closed session that its database is closed. */
    private static SQLException aborted(SQLException fromBelow) {
        return new SQLNonTransientConnectionException(
                "The session was closed by another one, which has aborted it (ABORT_SESSION) or taken the database for"
                        + " itself (SET EXCLUSIVE 2). What it had not committed was rolled back. Connect again.",
                "08003",
                fromBelow.getErrorCode(),
                fromBelow);
    }
}
