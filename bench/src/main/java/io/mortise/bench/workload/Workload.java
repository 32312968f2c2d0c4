package io.mortise.bench.workload;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import org.h2.api.ErrorCode;
import org.h2.jdbc.JdbcConnection;

/** Something that clients do over and over. The same SQL for every competitor. */
public interface Workload {
    /** As it is called on the command line and in the results. */
    String name();

    int threads();

    /** Makes the tables and their rows. */
    void prepare(Connection connection) throws SQLException;

    /** One client, on a connection of its own. */
    Client client(Connection connection, Random random) throws SQLException;

    /** One client's work. Used by one thread. */
    @FunctionalInterface
    interface Client {
        /** The transaction was refused because of another (a deadlock, a conflict), and rolled back. */
        int REFUSED = 0;
        /** The transaction waited for another until its time was over, and was rolled back. */
        int TIMED_OUT = -1;

        /**
         * One unit of work, begun and ended.
         *
         * @return how many units that was, or {@link #REFUSED}, or {@link #TIMED_OUT}
         */
        int run() throws SQLException;

        /** The same, but a transaction that another is in the way of is rolled back, to be tried again. */
        default Client tolerant(Connection connection) {
            return () -> {
                try {
                    return run();
                } catch (SQLException error) {
                    if (!isRefusal(error) && !isTimeout(error) && !isFailureOfPlainH2(connection, error)) {
                        throw error;
                    }
                    if (!connection.getAutoCommit()) {
                        connection.rollback();
                    }
                    return isTimeout(error) ? TIMED_OUT : REFUSED;
                }
            };
        }

        /** Derby has a lock timeout in this class of states too. */
        private static boolean isRefusal(SQLException error) {
            return state(error).startsWith("40");
        }

        private static boolean isTimeout(SQLException error) {
            return state(error).equals("HYT00") || state(error).equals("40XL1");
        }

        /** Transfers make plain H2 fail in its own undoing ("illegally transitioned") now and then; it can go on. */
        private static boolean isFailureOfPlainH2(Connection connection, SQLException error) {
            return connection instanceof JdbcConnection && error.getErrorCode() == ErrorCode.GENERAL_ERROR_1;
        }

        private static String state(SQLException error) {
            return String.valueOf(error.getSQLState());
        }
    }

    /**
     * Looks whether the database holds what the clients were told it does.
     *
     * @param units how many units they have done in all since {@link #prepare}
     * @throws IllegalStateException if something was lost, or done twice
     */
    void check(Connection connection, long units) throws SQLException;

    /** Do its clients wait for each other? */
    default boolean isContended() {
        return threads() > 2;
    }

    /** A unit that takes seconds needs no warming and few rounds. */
    default int mostRounds() {
        return Integer.MAX_VALUE;
    }
}
