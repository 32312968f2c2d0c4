package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import java.util.List;
import java.util.Optional;

/**
 * Which locks a statement takes: pure functions, so a policy can be asked about a statement that never runs. Immutable.
 *
 * <p>{@link #tableLock} and {@link #rowLock} answer for one table at a time and allocate nothing: storage asks them as it
 * comes to each table. {@link #requests} answers for a whole statement; a policy that {@link #locksUpFront()} is asked
 * that before the statement runs. What a request announces on the parents of its target goes without saying, here.
 */
public sealed interface LockPolicy permits MvccPolicy, KognitioPolicy, SqreamPolicy {
    /** As {@code LOCK_POLICY} spells it. */
    String name();

    /** How long a session waits that has not said how long. */
    long lockTimeoutMillis();

    /** The lock on a table that a statement takes when it comes to that table; empty for none. */
    Optional<LockMode> tableLock(Situation situation, TableAccess access);

    /** The lock on every row that a statement touches in a table (for {@code REFERENCE}, on its key); empty for none. */
    Optional<LockMode> rowLock(Situation situation, TableAccess access);

    /** Are all {@link #requests} of a statement acquired before it runs, and not table by table? */
    default boolean locksUpFront() {
        return false;
    }

    /** Is SERIALIZABLE kept by locks on what is read? Else it is what it is in storage, a snapshot. */
    default boolean serializesByLocks() {
        return true;
    }

    /** The locks above the rows that a statement takes in all: one a target, in {@link WantedLock#IN_ORDER}. */
    default List<WantedLock> requests(Situation situation, Footprint footprint) {
        Requests requests = new Requests();
        switch (situation.kind()) {
            case LOCK_SYSTEM -> requests.add(new LockTarget.System(), LockMode.X);
            case RIGHTS -> requests.add(new LockTarget.GlobalPermission(), LockMode.X);
            case SCHEMA_DDL ->
                footprint
                        .schemas()
                        .forEach(schema -> requests.add(new LockTarget.Database(), LockMode.IX)
                                .add(schema, LockMode.X));
            case TABLE_DDL ->
                footprint
                        .changedSchemas()
                        .forEach(schema -> requests.add(new LockTarget.Database(), LockMode.IX)
                                .add(schema, LockMode.IX));
            default -> {}
        }
        for (Footprint.Use use : footprint.tables()) {
            tableLock(situation, use.access()).ifPresent(mode -> requests.add(use.table(), mode));
        }
        return requests.inOrder();
    }
}
