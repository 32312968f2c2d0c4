package io.mortise.engine.lock;

import java.sql.SQLException;
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
         * Rows that have been written; one that somebody waits for may be in a snapshot too. There may be millions,
         * read as they are asked for, without waiting for a lock. To be closed.
         */
        Stream<LockRow> rows();
    }

    /** Where the locks of a database are told that this process does not manage: a server. Thread-safe. */
    @FunctionalInterface
    public interface Source {
        /**
         * Asks for all locks, and takes as long as the answer does.
         *
         * @throws SQLException if there is none
         */
        Seen look() throws SQLException;
    }

    /**
     * What a source has told. Immutable.
     *
     * @param names what the targets in it are called
     */
    public record Seen(LockSnapshot locks, TargetNames names) {}
}
