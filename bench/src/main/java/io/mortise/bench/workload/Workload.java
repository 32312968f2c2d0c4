package io.mortise.bench.workload;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

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
        /**
         * One unit of work, begun and ended.
         *
         * @return how many units that was; a refused transaction is 0, and is counted as a retry
         */
        int run() throws SQLException;

        /** The same, but a transaction that is refused because of another is rolled back and counts as a retry. */
        default Client tolerant(Connection connection) {
            return () -> {
                try {
                    return run();
                } catch (SQLException refused) {
                    if (!isRefusal(refused)) {
                        throw refused;
                    }
                    if (!connection.getAutoCommit()) {
                        connection.rollback();
                    }
                    return 0;
                }
            };
        }

        private static boolean isRefusal(SQLException error) {
            String state = String.valueOf(error.getSQLState());
            return state.startsWith("40") || state.equals("HYT00") || state.equals("57014");
        }
    }

    /** Looks whether nothing was lost; throws if it was. */
    default void check(Connection connection) throws SQLException {}

    /** A unit that takes seconds needs no warming and few rounds. */
    default int mostRounds() {
        return Integer.MAX_VALUE;
    }
}
