package io.mortise.driver;

import io.mortise.engine.session.Attachment;
import io.mortise.engine.session.gate.Stream;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Where a statement of ours runs, as one value: who sees one of the three sees the others that belong to it. Immutable.
 *
 * @param statement H2's statement
 * @param result of the last execution
 */
record StatementBelow(Attachment attachment, Statement statement, Optional<MortiseResultSet> result) {
    private static final System.Logger LOG = System.getLogger(StatementBelow.class.getName());

    StatementBelow with(Optional<MortiseResultSet> next) {
        return new StatementBelow(attachment, statement, next);
    }

    /** Is the result still being produced while it is read? */
    boolean isStreaming() {
        return result.filter(MortiseResultSet::isStreaming).isPresent();
    }

    /** What keeps the statement in flight while this result of it is read; empty if all rows are there. */
    Optional<Stream> streamOf(ResultSet made) {
        return attachment.isStreaming(made) ? Optional.of(attachment.openStream()) : Optional.empty();
    }

    /** @param number of the statement that runs or ran last */
    void cancel(long number) throws SQLException {
        attachment.cancel(number);
        if (isStreaming()) {
            statement.cancel();
        }
    }

    /** Closes it as soon as nothing runs in the session. */
    void closeWhenFree() {
        attachment.whenFree(() -> {
            closeBehind(statement);
            result.ifPresent(MortiseResultSet::replaced);
        });
    }

    /** Closes a statement or a result where nobody is left who could be told that it failed. */
    static void closeBehind(AutoCloseable left) {
        try {
            left.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "closing behind a statement in flight", e);
        }
    }
}
