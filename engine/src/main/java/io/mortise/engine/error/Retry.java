package io.mortise.engine.error;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Runs a transaction again while it fails with an error that says so: {@link EngineException#isRetryable()}. It repeats
 * nothing else, waits for nothing between two attempts, and throws the error of the last one. Immutable.
 *
 * <pre>{@code
 * int left = Retry.times(5).inTransaction(dataSource, connection -> {
 *     // everything the transaction does, from its first statement on: it may run more than once
 *     return stock.take(connection, item);
 * });
 * }</pre>
 *
 * <p>No wait is needed: who was in the way goes first, and the locks of the next attempt queue behind it.
 */
public final class Retry {
    private final int attempts;

    private Retry(int attempts) {
        this.attempts = attempts;
    }

    /**
     * @param attempts how often the work runs at most, the first time included
     * @throws IllegalArgumentException if that is less than 1
     */
    public static Retry times(int attempts) {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be 1 or more, not " + attempts);
        }
        return new Retry(attempts);
    }

    /** What is done in a transaction. It neither commits nor keeps what it has read for a later attempt. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** What begins and ends its own transaction, as a method with {@code @Transactional} does. */
    @FunctionalInterface
    public interface Call<T> {
        T run() throws Exception;
    }

    /** Each attempt is a transaction on a connection of its own, which is committed if the work returns. */
    @CanIgnoreReturnValue
    public <T> T inTransaction(DataSource source, Work<T> work) throws SQLException {
        return this.<T, SQLException>repeated(() -> once(source, work));
    }

    /** The same for work that has its transaction itself; an error may be wrapped, as Spring and Hibernate do. */
    @CanIgnoreReturnValue
    public <T> T call(Call<T> work) throws Exception {
        return this.<T, Exception>repeated(work::run);
    }

    @FunctionalInterface
    private interface Attempt<T, E extends Exception> {
        T run() throws E;
    }

    private <T, E extends Exception> T repeated(Attempt<T, E> work) throws E {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.run();
            } catch (Exception e) {
                if (attempt == attempts || !isRetryable(e)) {
                    throw e;
                }
            }
        }
    }

    private static <T> T once(DataSource source, Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            if (!connection.getAutoCommit()) {
                return attempt(connection, work);
            }
            connection.setAutoCommit(false);
            T result = attempt(connection, work);
            handBack(connection);
            return result;
        }
    }

    private static <T> T attempt(Connection connection, Work<T> work) throws SQLException {
        try {
            T result = work.run(connection);
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            rollBack(connection, e);
            throw e;
        }
    }

    /** Closing the connection rolls back as well, so what goes wrong here is told behind the error of the work. */
    private static void rollBack(Connection connection, Throwable why) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * The transaction is committed: the caller hears of its result, though the connection may fail now. It is closed
     * next.
     */
    private static void handBack(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            System.getLogger(Retry.class.getName())
                    .log(System.Logger.Level.DEBUG, "a connection failed after its transaction was committed", e);
        }
    }

    /** Does this error, or one of its causes, say that the transaction can succeed if it is run again? */
    public static boolean isRetryable(Throwable error) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < 100; depth++) {
            if (cause instanceof EngineException known) {
                return known.isRetryable();
            }
            cause = cause.getCause();
        }
        return false;
    }
}
