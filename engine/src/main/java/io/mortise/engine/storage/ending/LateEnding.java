package io.mortise.engine.storage.ending;

import java.sql.SQLException;
import java.util.Optional;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * Fails a statement that has done all its work and was told to end before it could say so. H2 asks its listener at that
 * moment, ignores every exception from it, and makes a general error of anything else: so this is neither an exception
 * nor an error. Its text is the message of the error that the client is to get.
 */
public final class LateEnding extends Throwable {
    private static final long serialVersionUID = 1;
    private final SQLException error;

    private LateEnding(SQLException error) {
        super(String.valueOf(error.getMessage()), error, false, false);
        this.error = error;
    }

    /** Does not return. */
    public static void fail(SQLException error) {
        LateEnding.<RuntimeException>sneak(new LateEnding(error));
    }

    @SuppressWarnings("unchecked") // The compiler is told that it is unchecked, and H2 that it is not.
    private static <T extends Throwable> void sneak(Throwable late) throws T {
        throw (T) late;
    }

    /**
     * Throws the error that this stands for, if it is one. For a command of the engine's own, where nothing is in its
     * way any more: what H2 makes of it in a row of a batch, the client sees.
     */
    public static void tell(Throwable thrown) {
        if (thrown instanceof LateEnding late) {
            throw DbException.convert(late.error);
        }
    }

    /** What the client is to get, where H2 has made this error of it. */
    public static Optional<SQLException> behind(@Nullable Throwable fromH2) {
        return fromH2 != null && fromH2.getCause() instanceof LateEnding late
                ? Optional.of(late.error)
                : Optional.empty();
    }

    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }
}
