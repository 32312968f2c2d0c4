package io.mortise.compat.jobs;

import java.sql.SQLException;
import java.util.concurrent.Callable;

/** Runs again what gave way to others, on either side: what an application does at SERIALIZABLE. Stateless. */
final class Again {
    private static final int ATTEMPTS = 20;

    private Again() {}

    /** Work that ends its own transaction. Returns when it has succeeded; throws what is nobody else's doing. */
    static <T> T untilItSucceeds(Callable<T> work) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.call();
            } catch (Exception e) {
                if (attempt == ATTEMPTS || !hasGivenWay(e)) {
                    throw e;
                }
            }
        }
    }

    /** Deadlocks and serialization failures; H2 uses one SQLState for both. */
    static boolean hasGivenWay(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && "40001".equals(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }
}
