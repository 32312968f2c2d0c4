package io.mortise.driver.integrity;

import java.util.List;

/** The sessions of one database, moved statement by statement. For the test's thread only. */
interface Cast extends AutoCloseable {
    /** A statement that a session was given: it has ended, or waits for another session. */
    interface Line {
        /** Has it ended, well or not? */
        boolean isOver();

        boolean hasFailed();

        /** The error it ended with; empty if it ended well. */
        String sqlState();

        /** Of a query, its columns with {@code " | "} between them. */
        List<String> rows();

        /** The number of rows it changed; -1 for a query. */
        long changed();
    }

    /** Gives a session, which does not wait, a statement; returns once that has ended or has been seen to wait. */
    Line run(String session, String sql);

    boolean isWaiting(String session);

    /** Runs a statement in a transaction of its own. */
    List<String> aside(String sql);

    @Override
    void close();
}
