package io.mortise.driver.waits;

import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** A statement on its way. */
record Attempt(Future<Integer> future) {
    /** The rows it changed; waits for it. */
    int result() throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** What it failed with; waits for it. */
    SQLException failure() throws Exception {
        try {
            throw new AssertionError("it should have failed, but changed " + future.get() + " rows");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                return failure;
            }
            throw e;
        }
    }

    /** SQLSTATE and vendor code of that: {@code HYT00 50200}. */
    String code() throws Exception {
        SQLException failure = failure();
        return failure.getSQLState() + " " + failure.getErrorCode();
    }

    boolean isOver() {
        return future.isDone();
    }
}
