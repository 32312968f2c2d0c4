package io.mortise.engine.storage.transaction;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.h2.result.Row;
import org.jspecify.annotations.Nullable;

/**
 * What foreign keys have made a session's transaction lock, and how far its checks are. Used by the thread that runs
 * the session's statement; {@link #hasRemoved} and {@link #leaving} may be asked by all.
 */
public final class KeptKeys {
    private static final int FEW = 8;
    private static final LockTarget.@Nullable RowKey[] NONE = {};

    private final LockOwner owner;
    /** The keys that are locked: the first few one after another, the others in a set. */
    private LockTarget.@Nullable RowKey[] few = NONE;

    private int fewKept;
    private @Nullable Set<LockTarget.RowKey> many;
    /** The number of the transaction whose they are: a session's never comes again. */
    private long keptIn;

    private volatile OwnerId removedBy;
    /** The first statement of that transaction that has removed any. */
    private StatementRecord removedFirstIn = StatementRecord.NONE;
    /** The row before its removal, while that waits for those who rely on it. */
    private volatile @Nullable Row leaving;

    /** Are H2's own checks of foreign keys left out, because they are made here? */
    private boolean instead;

    public KeptKeys(LockOwner owner) {
        this.owner = owner;
        this.keptIn = owner.id().transaction();
        this.removedBy = owner.id();
    }

    /**
     * The row was there after its key had been locked: a session that removes it since then waits for this transaction.
     */
    public void keep(LockTarget.RowKey target) {
        if (!isOfNow()) {
            fewKept = 0; // The keys stay: the next transaction may lock the same.
            many = null; // It may have been a transaction of millions.
            keptIn = owner.id().transaction();
        }
        if (few == NONE) {
            few = new LockTarget.RowKey[FEW]; // Most sessions lock none.
        }
        if (many == null && fewKept < FEW) {
            if (!target.equals(few[fewKept])) { // The collector minds each write of a reference.
                few[fewKept] = target;
            }
            fewKept++;
        } else {
            many().add(target);
        }
    }

    private Set<LockTarget.RowKey> many() {
        Set<LockTarget.RowKey> all = many;
        if (all == null) {
            all = new HashSet<>();
            many = all;
        }
        return all;
    }

    public boolean isKept(LockTarget.RowKey target) {
        if (!isOfNow()) {
            return false;
        }
        for (int i = 0; i < fewKept; i++) {
            if (target.equals(few[i])) {
                return true;
            }
        }
        return many != null && many.contains(target);
    }

    /** Are the keys those of the transaction that is open? */
    private boolean isOfNow() {
        return keptIn == owner.id().transaction();
    }

    /**
     * The transaction has removed a row that foreign keys may refer to, or the key of one.
     *
     * @param statement that does it
     * @return is it the first of the transaction that does?
     */
    public boolean remove(StatementRecord statement) {
        if (!removedBy.equals(owner.id())) {
            removedFirstIn = statement;
            removedBy = owner.id();
        }
        return removedFirstIn == statement && statement != StatementRecord.NONE;
    }

    /** Waits from now on for those who rely on this row as it was; null if it waits no more. */
    public void removing(@Nullable Row before) {
        leaving = before;
    }

    /** The row that a removal waits for, the first that the transaction has made; empty if there is no such wait. */
    public Optional<Row> leaving() {
        return Optional.ofNullable(leaving);
    }

    /**
     * Has the open transaction removed any such row? Then a row that it has written may be one that it had removed and
     * inserted again, and a roll-back to a savepoint in between takes it away once more.
     */
    boolean hasRemoved() {
        return owner.isActive() && removedBy.equals(owner.id());
    }

    public boolean areInsteadOfH2s() {
        return instead;
    }

    /** @return what it was, to be put back */
    public boolean setInsteadOfH2s(boolean isInstead) {
        boolean was = instead;
        instead = isInstead;
        return was;
    }
}
