package io.mortise.testkit;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import java.util.Optional;
import java.util.stream.Stream;

/** What the lock manager of one database tells. Thread-safe; answers at once. */
interface WaitFacts {
    void tell(LockListener listener);

    void tellNoMore(LockListener listener);

    /** The pending request of a session, if it waits at this instant. */
    Optional<LockRow> pending(int session);

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
}
