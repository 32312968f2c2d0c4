package io.mortise.spring;

import io.mortise.engine.error.EngineError;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/**
 * Makes of SESSION_IS_LOCKED a {@link org.springframework.dao.ConcurrencyFailureException}, which a retry listens to.
 * Spring has no word for it, because its SQLState only says that calls came in the wrong order. Everything else plain
 * H2 knows too, and the translator behind treats it as an H2 error. Thread-safe.
 */
final class MortiseExceptionTranslator implements SQLExceptionTranslator {
    private final SQLExceptionTranslator standard;

    /** @param standard who translates all else; may answer null, for "ask the next" */
    MortiseExceptionTranslator(SQLExceptionTranslator standard) {
        this.standard = standard;
    }

    // By number and not by class: a session of another process throws H2's class.
    @Override
    public @Nullable DataAccessException translate(String task, @Nullable String sql, SQLException failure) {
        if (failure.getErrorCode() == EngineError.SESSION_IS_LOCKED.vendorCode()
                && EngineError.SESSION_IS_LOCKED.sqlState().equals(failure.getSQLState())) {
            return new PessimisticLockingFailureException(task + "; " + failure.getMessage(), failure);
        }
        return standard.translate(task, sql, failure);
    }
}
