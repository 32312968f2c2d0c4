package io.mortise.engine.lock;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every lock that the lock manager knows, as of one instant, and the sessions that take part. Immutable.
 *
 * @param parties by session; those that hold or wait for something
 */
public record LockSnapshot(long atNanos, List<LockRow> rows, Map<Integer, Party> parties) {
    /** The locks that are in no snapshot: storage knows them. Thread-safe. */
    @FunctionalInterface
    public interface Rest {
        /**
         * Rows that have been written; one that somebody waits for may be in a snapshot too. There may be millions, read as
         * they are asked for, without waiting for a lock. To be closed.
         */
        Stream<LockRow> rows();
    }
}
