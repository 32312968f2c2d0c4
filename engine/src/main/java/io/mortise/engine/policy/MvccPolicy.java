package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.setting.PolicyName;
import java.util.Optional;

/**
 * Readers read a snapshot and lock nothing, writers lock rows. At SERIALIZABLE readers read a snapshot too, and
 * somebody is refused if no order explains what was read. Or they lock what they read: nothing that they have seen, or
 * seen to be absent, changes before they end. Immutable.
 *
 * @param locksWhatItReads at SERIALIZABLE
 */
public record MvccPolicy(long lockTimeoutMillis, boolean locksWhatItReads) implements LockPolicy {
    /** H2's own, for both rows and tables. */
    public static final long LOCK_TIMEOUT_MILLIS = 2000;

    /** By locks. */
    public MvccPolicy(long lockTimeoutMillis) {
        this(lockTimeoutMillis, true);
    }

    @Override
    public boolean serializesByLocks() {
        return locksWhatItReads;
    }

    @Override
    public boolean serializesBySnapshot() {
        return !locksWhatItReads;
    }

    private boolean locksReads(Situation situation) {
        return locksWhatItReads && situation.isSerializable();
    }

    @Override
    public PolicyName name() {
        return PolicyName.MVCC;
    }

    @Override
    public boolean readsTakeNoLocks() {
        return true;
    }

    @Override
    public Optional<LockMode> tableLock(Situation situation, TableAccess access) {
        return switch (access) {
            case REFERENCE -> Answer.IS;
            case READ -> read(situation);
            case READ_BY_KEY -> readByKey(situation);
            case WRITE -> write(situation);
            case WRITE_BY_KEY -> Answer.IX;
            case WHOLE -> situation.kind() == StatementKind.LOCK_TABLE_SHARE ? Answer.S : Answer.X;
        };
    }

    private Optional<LockMode> read(Situation situation) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> locksReads(situation) ? Answer.SIX : Answer.IX;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> locksReads(situation) ? Answer.S : Answer.IS;
            default -> locksReads(situation) ? Answer.S : readByKey(situation);
        };
    }

    private Optional<LockMode> readByKey(Situation situation) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> Answer.IX;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> Answer.IS;
            default -> situation.isSerializable() ? Answer.IS : Answer.NONE;
        };
    }

    // What an INSERT writes it has not searched for. All others have seen which rows do not match: no such row may
    // appear before a serializable transaction ends.
    private Optional<LockMode> write(Situation situation) {
        return locksReads(situation) && situation.kind() != StatementKind.INSERT ? Answer.SIX : Answer.IX;
    }

    @Override
    public Optional<LockMode> rowLock(Situation situation, TableAccess access) {
        return switch (access) {
            case REFERENCE -> Answer.S;
            case WRITE, WRITE_BY_KEY -> Answer.X;
            case READ, READ_BY_KEY -> rowRead(situation, access);
            case WHOLE -> Answer.NONE;
        };
    }

    private Optional<LockMode> rowRead(Situation situation, TableAccess access) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> Answer.X;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> Answer.S;
            default -> locksReads(situation) && access == TableAccess.READ_BY_KEY ? Answer.S : Answer.NONE;
        };
    }
}
