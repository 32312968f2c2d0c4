package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.KognitioPolicy.AutocommitSelect;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Which locks a statement takes: pure functions, so a policy can be asked about a statement that never runs. Immutable.
 *
 * <p>{@link #tableLock} and {@link #rowLock} answer for one table at a time and allocate nothing: storage asks them as
 * it comes to each table. {@link #requests} answers for a whole statement; a policy that {@link #locksUpFront()} is
 * asked that before the statement runs. What a request announces on the parents of its target goes without saying,
 * here.
 */
public sealed interface LockPolicy permits MvccPolicy, KognitioPolicy, SqreamPolicy {
    /** The policy that these settings name, with the settings it has. */
    static LockPolicy of(Settings settings) {
        return switch (settings.get(Setting.LOCK_POLICY)) {
            case MVCC -> new MvccPolicy(MvccPolicy.LOCK_TIMEOUT_MILLIS, settings.get(Setting.SERIALIZABLE_BY));
            case KOGNITIO ->
                new KognitioPolicy(
                        millis(settings.get(Setting.LKTI)),
                        settings.get(Setting.DEFAULT_AT_NOW) ? AutocommitSelect.AT_NOW : AutocommitSelect.LOCKING);
            case SQREAM -> new SqreamPolicy(millis(settings.get(Setting.STATEMENT_LOCK_TIMEOUT)));
        };
    }

    private static long millis(int seconds) {
        return TimeUnit.SECONDS.toMillis(seconds);
    }

    PolicyName name();

    /** How long a session waits that has not said how long. */
    long lockTimeoutMillis();

    /** The lock on a table that a statement takes when it comes to that table; empty for none. */
    Optional<LockMode> tableLock(Situation situation, TableAccess access);

    /**
     * The lock on every row that a statement touches in a table (for {@code REFERENCE}, on its key); empty for none.
     */
    Optional<LockMode> rowLock(Situation situation, TableAccess access);

    /** Are all {@link #requests} of a statement acquired before it runs, and not table by table? */
    default boolean locksUpFront() {
        return false;
    }

    /** Does a read that nothing asks to lock take no lock, below SERIALIZABLE, in a transaction as in autocommit? */
    default boolean readsTakeNoLocks() {
        return false;
    }

    /** Is SERIALIZABLE kept by locks on what is read? Else it is what it is in storage, a snapshot. */
    default boolean serializesByLocks() {
        return true;
    }

    /** Is SERIALIZABLE kept by a snapshot, and by refusing who has read what no order explains? */
    default boolean serializesBySnapshot() {
        return false;
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
