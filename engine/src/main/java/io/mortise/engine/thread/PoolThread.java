package io.mortise.engine.thread;

import java.util.List;

/**
 * The pool that opens a connection, where the name of its thread says so: HikariCP's {@code orders:connection-adder},
 * before its version 6 {@code orders connection adder}. Stateless.
 */
public final class PoolThread {
    private static final List<String> ENDS = List.of(":connection-adder", " connection adder");

    private PoolThread() {}

    /** The pool whose thread has this name; empty if it is no pool's. */
    public static String poolOf(String thread) {
        for (String end : ENDS) {
            if (thread.endsWith(end)) {
                return thread.substring(0, thread.length() - end.length());
            }
        }
        return "";
    }
}
