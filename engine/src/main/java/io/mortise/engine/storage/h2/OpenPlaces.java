package io.mortise.engine.storage.h2;

import java.lang.reflect.Field;
import java.sql.SQLException;
import org.h2.api.ErrorCode;
import org.h2.jdbc.JdbcException;
import org.h2.jdbc.JdbcSQLTimeoutException;

/**
 * Fills the place that H2 leaves open in one of its messages. When it has repeated a statement until the lock timeout,
 * it says "Timeout trying to lock table {0}". The table's name stands in the error with which it was repeated.
 * Stateless.
 */
public final class OpenPlaces {
    private static final String PLACE = "{0}";
    private static final Field MESSAGE;

    static {
        try {
            MESSAGE = JdbcSQLTimeoutException.class.getDeclaredField("originalMessage");
            MESSAGE.setAccessible(true); // It is final, and read at every call that asks for the text.
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private OpenPlaces() {}

    /** Call it before anybody else has the error. */
    public static void fill(SQLException fromH2) {
        if (fromH2.getErrorCode() != ErrorCode.LOCK_TIMEOUT_1
                || !(fromH2 instanceof JdbcSQLTimeoutException timeout)
                || !timeout.getOriginalMessage().contains(PLACE)) {
            return;
        }
        try {
            MESSAGE.set(timeout, timeout.getOriginalMessage().replace(PLACE, repeatedFor(timeout)));
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
        timeout.setSQL(timeout.getSQL()); // Makes the message anew.
    }

    /** What stands in quotation marks in the error behind this one; two dots if nothing does. */
    private static String repeatedFor(SQLException timeout) {
        String reason = "";
        for (Throwable cause = timeout.getCause(); cause != null && reason.isEmpty(); cause = cause.getCause()) {
            reason = cause instanceof JdbcException known ? String.valueOf(known.getOriginalMessage()) : "";
        }
        int open = reason.indexOf('"');
        int close = reason.indexOf('"', open + 1);
        return open < 0 || close < 0 ? ".." : reason.substring(open, close + 1);
    }
}
