package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.setting.PolicyName;
import java.util.Optional;

/**
 * Readers lock tables shared, writers exclusively, unless one row is named by a full unique key. Immutable.
 *
 * @param autocommitSelect what a SELECT does that is a transaction of its own ({@code default_at_now})
 */
public record KognitioPolicy(long lockTimeoutMillis, AutocommitSelect autocommitSelect) implements LockPolicy {
    /** What a SELECT in autocommit reads. */
    public enum AutocommitSelect {
        /** The snapshot as it began, locking nothing: {@code default_at_now=2}. */
        AT_NOW,
        /** What is there once it has its locks: {@code default_at_now=0}. */
        LOCKING
    }

    @Override
    public PolicyName name() {
        return PolicyName.KOGNITIO;
    }

    @Override
    public Optional<LockMode> tableLock(Situation situation, TableAccess access) {
        return switch (access) {
            case REFERENCE -> Answer.IS;
            case READ, READ_BY_KEY -> read(situation, access);
            case WRITE -> Answer.X;
            case WRITE_BY_KEY -> Answer.IX;
            case WHOLE -> situation.kind() == StatementKind.LOCK_TABLE_SHARE ? Answer.S : Answer.X;
        };
    }

    private Optional<LockMode> read(Situation situation, TableAccess access) {
        return switch (situation.kind()) {
            // Alone of all statements this one may read without a lock, for nothing is written on what it has read.
            case SELECT -> readsAtNow(situation) ? Answer.NONE : Answer.S;
            case SELECT_FOR_UPDATE -> situation.isSerializable() && access == TableAccess.READ ? Answer.SIX : Answer.IX;
            default -> Answer.S;
        };
    }

    private boolean readsAtNow(Situation situation) {
        return autocommitSelect == AutocommitSelect.AT_NOW && situation.mode() == Situation.Mode.AUTOCOMMIT;
    }

    @Override
    public Optional<LockMode> rowLock(Situation situation, TableAccess access) {
        return switch (access) {
            case REFERENCE -> Answer.S;
            case WRITE, WRITE_BY_KEY -> Answer.X;
            case READ, READ_BY_KEY -> situation.kind() == StatementKind.SELECT_FOR_UPDATE ? Answer.X : Answer.NONE;
            case WHOLE -> Answer.NONE;
        };
    }
}
