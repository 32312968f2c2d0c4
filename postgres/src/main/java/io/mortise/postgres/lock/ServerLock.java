package io.mortise.postgres.lock;

/**
 * A row of pg_locks. Immutable.
 *
 * @param tag what is locked, as text that is equal for the same thing
 * @param type the server's word: {@code relation}, {@code tuple} …
 * @param relation 0 where there is none
 * @param waitedSeconds how long it has been asked for; 0 if granted
 * @param advisory how an advisory lock is shown; else empty
 */
record ServerLock(
        int pid,
        String tag,
        String type,
        long relation,
        String schema,
        String table,
        long page,
        int tuple,
        ServerMode mode,
        boolean granted,
        double waitedSeconds,
        String advisory,
        long transaction) {
    boolean isOf(String kind) {
        return type.equals(kind);
    }

    /** A number for the row in its table. */
    long place() {
        return page << 16 | tuple;
    }
}
