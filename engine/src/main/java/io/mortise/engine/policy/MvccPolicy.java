package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.setting.PolicyName;
import java.util.Optional;

/**
 * Readers read a snapshot and lock nothing, writers lock rows. At SERIALIZABLE readers lock what they read, so that
 * nothing they have seen, or have seen to be absent, changes before they end. Immutable.
 */
public record MvccPolicy(long lockTimeoutMillis) implements LockPolicy {
    /** H2's own, for both rows and tables. */
    public static final long LOCK_TIMEOUT_MILLIS = 2000;

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

    private static Optional<LockMode> read(Situation situation) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> situation.isSerializable() ? Answer.SIX : Answer.IX;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> situation.isSerializable() ? Answer.S : Answer.IS;
            default -> situation.isSerializable() ? Answer.S : Answer.NONE;
        };
    }

    private static Optional<LockMode> readByKey(Situation situation) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> Answer.IX;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> Answer.IS;
            default -> situation.isSerializable() ? Answer.IS : Answer.NONE;
        };
    }

    // What an INSERT writes it has not searched for. All others have seen which rows do not match: no such row may
    // appear before a serializable transaction ends.
    private static Optional<LockMode> write(Situation situation) {
        return situation.isSerializable() && situation.kind() != StatementKind.INSERT ? Answer.SIX : Answer.IX;
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

    private static Optional<LockMode> rowRead(Situation situation, TableAccess access) {
        return switch (situation.kind()) {
            case SELECT_FOR_UPDATE -> Answer.X;
            case SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE -> Answer.S;
            default -> situation.isSerializable() && access == TableAccess.READ_BY_KEY ? Answer.S : Answer.NONE;
        };
    }
}
