package io.mortise.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;

/** Something that clients do over and over. The same SQL for every competitor. */
interface Workload {
    /** As it is called on the command line and in the results. */
    String name();

    int threads();

    /** Makes the tables and their rows. */
    void prepare(Connection connection) throws SQLException;

    /** One client, on a connection of its own. */
    Client client(Connection connection, Random random) throws SQLException;

    /** One client's work. Used by one thread. */
    interface Client {
        /**
         * One unit of work, begun and ended.
         *
         * @return how many units that was; a refused transaction is 0, and is counted as a retry
         */
        int run() throws SQLException;
    }

    /** Looks whether nothing was lost; throws if it was. */
    default void check(Connection connection) throws SQLException {}
}
