package io.mortise.testkit;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the lock manager of one database tells, or its server. Thread-safe; answers at once. */
interface WaitFacts {
    void tell(LockListener listener);

    void tellNoMore(LockListener listener);

    /** The pending request of a session, if it waits at this instant. */
    Optional<LockRow> pending(int session);

    /**
     * What a thread waits for.
     *
     * @param queue that it has said it stands in
     */
    default Optional<LockRow> waiting(Thread actor, Optional<LockRow> queue) {
        return queue.flatMap(row -> pending(row.owner().session()));
    }

    /** Does nobody tell of waits, so that {@link #ask} is called after each change? */
    default boolean isAsked() {
        return false;
    }

    /** Asks anew, and takes as long as the answer does. */
    default void ask() {}

    /** Do some who wait do so for one another, so that one will be told to give way who has not been yet? */
    default boolean hasCircle() {
        return false;
    }

    LockSnapshot snapshot();

    /** The locks that are not in it: rows that have been written, and that nobody waits for. To be closed. */
    Stream<LockRow> inStorage();

    /** {@code PUBLIC.ACCOUNTS(ID=1)}. */
    String name(LockTarget target);

    /** Those of a real lock manager, which from now on hands every lock that comes free to the first in its queue. */
    static WaitFacts of(LockManager locks, LockSnapshot.Rest rest, TargetNames names) {
        // Else a released lock could be taken by whoever runs first, and the same test would end in two ways.
        locks.setBarging(0);
        return new WaitFacts() {
            @Override
            public void tell(LockListener listener) {
                locks.addListener(listener);
            }

            @Override
            public void tellNoMore(LockListener listener) {
                locks.removeListener(listener);
            }

            @Override
            public Optional<LockRow> pending(int session) {
                return locks.waiting(session);
            }

            @Override
            public LockSnapshot snapshot() {
                return locks.snapshot();
            }

            @Override
            public Stream<LockRow> inStorage() {
                return rest.rows();
            }

            @Override
            public String name(LockTarget target) {
                return names.of(target).text();
            }
        };
    }

    /**
     * The waits of a database whose locks a server manages: it is asked for them. Waits for a session's turn are told
     * by this process, as ever. Thread-safe.
     */
    final class OfServer implements WaitFacts {
        private static final int MOST_ATTEMPTS = 5;

        private final WaitFacts told;
        private final LockSnapshot.Source server;
        private final IntPredicate isOfTheTest;
        private volatile LockSnapshot.Seen last;

        /** @param isOfTheTest is that session one of the test's? Others use the server too */
        OfServer(WaitFacts told, LockSnapshot.Source server, IntPredicate isOfTheTest) throws SQLException {
            this.told = told;
            this.server = server;
            this.isOfTheTest = isOfTheTest;
            this.last = server.look();
        }

        @Override
        public void tell(LockListener listener) {
            told.tell(listener);
        }

        @Override
        public void tellNoMore(LockListener listener) {
            told.tellNoMore(listener);
        }

        @Override
        public boolean isAsked() {
            return true;
        }

        @Override
        public void ask() {
            SQLException failure = null;
            for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
                try {
                    last = server.look();
                    return;
                } catch (SQLException e) { // A busy server takes longer than a look may.
                    failure = e;
                }
            }
            throw new IllegalStateException("the server does not tell who waits", failure);
        }

        private Stream<LockRow> waits() {
            return last.locks().rows().stream().filter(row -> !row.granted());
        }

        @Override
        public Optional<LockRow> pending(int session) {
            return told.pending(session)
                    .or(() -> waits().filter(row -> row.owner().session() == session)
                            .findFirst());
        }

        @Override
        public Optional<LockRow> waiting(Thread actor, Optional<LockRow> queue) {
            return told.waiting(actor, queue)
                    .or(() -> waits().filter(row -> row.statement().thread() == actor)
                            .findFirst());
        }

        @Override
        public boolean hasCircle() {
            Map<Integer, Set<Integer>> blockers = waits().collect(Collectors.toMap(
                    row -> row.owner().session(),
                    row -> row.blockers().stream()
                            .map(blocker -> blocker.owner().session())
                            .collect(Collectors.toSet()),
                    (one, other) -> one));
            return blockers.keySet().stream()
                    .anyMatch(session -> leadsBack(session, session, blockers, new HashSet<>()));
        }

        // As deep as the longest chain of sessions that wait.
        private static boolean leadsBack(int goal, int from, Map<Integer, Set<Integer>> blockers, Set<Integer> seen) {
            return blockers.getOrDefault(from, Set.of()).stream()
                    .anyMatch(next -> next == goal || (seen.add(next) && leadsBack(goal, next, blockers, seen)));
        }

        @Override
        public LockSnapshot snapshot() {
            LockSnapshot all = last.locks();
            return new LockSnapshot(
                    all.atNanos(),
                    all.rows().stream()
                            .filter(row -> isOfTheTest.test(row.owner().session()))
                            .toList(),
                    all.parties());
        }

        /** The server does not tell them. */
        @Override
        public Stream<LockRow> inStorage() {
            return Stream.empty();
        }

        @Override
        public String name(LockTarget target) {
            return last.names().of(target).text();
        }
    }
}
