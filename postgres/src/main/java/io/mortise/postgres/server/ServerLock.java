package io.mortise.postgres.server;

import java.util.List;

/**
 * A lock as a server tells it, granted or asked for. Immutable.
 *
 * @param tag what is locked, as text that is equal for the same thing
 * @param type the server's word: {@code relation}, {@code tuple} … or {@link #ROW}
 * @param relation 0 where there is none
 * @param waitedSeconds how long it has been asked for; 0 if granted
 * @param advisory how an advisory lock is shown; else empty
 * @param serverMode the mode in the server's words
 * @param node where in a cluster it is; empty where there is one server
 * @param key of a row whose server tells it; else empty
 * @param blockers whom it waits for, where the server tells that; else they follow from the modes
 */
public record ServerLock(
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
        long transaction,
        String serverMode,
        String node,
        String key,
        List<Integer> blockers) {
    /** A row by its key; {@code tuple} is one by its place, which only the first in line for it holds. */
    public static final String ROW = "row";

    public boolean isOf(String kind) {
        return type.equals(kind);
    }

    /** A number for the row in its table. */
    public long place() {
        return key.isEmpty()
                ? page << 16 | tuple
                : (long) key.hashCode() << 32 | ((key + relation).hashCode() & 0xffffffffL);
    }
}
