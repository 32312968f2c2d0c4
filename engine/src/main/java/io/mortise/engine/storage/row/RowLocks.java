package io.mortise.engine.storage.row;

import io.mortise.engine.error.EngineException;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitRule;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.storage.branch.BranchesInDoubt;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.RunningStatements;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.h2.api.ErrorCode;
import org.h2.engine.IsolationLevel;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * Locks the rows of one table. Thread-safe.
 *
 * <p>The uncommitted version of a row in H2's store is its lock. The lock manager hears of it when a second transaction
 * wants it, and does the waiting; then the store is tried again. While no row anywhere is wanted by two, a lock costs
 * what it costs in plain H2 and one read of a field.
 */
public final class RowLocks {
    /** H2's timeout for a row that is left out if it is locked. */
    private final LockableTable table;

    private final OpenDatabase storage;
    private final LockManager locks;

    public RowLocks(LockableTable table, OpenDatabase storage) {
        this.table = table;
        this.storage = storage;
        this.locks = storage.locks();
    }

    /** Null if the row is gone, or locked and to be skipped. */
    public @Nullable Row lock(StorageSession session, Row row, int timeoutMillis) {
        if (!locks.mayBeContended() || locks.admits(session.owner(), target(row.getKey()))) {
            Row locked = takeAlone(session, row, Optional.empty());
            if (locked != null) {
                return locked;
            }
        }
        return timeoutMillis == SessionWaits.SKIP_LOCKED ? null : await(session, row, timeoutMillis);
    }

    /**
     * Somebody has locked the whole table, to alter it, drop it or empty it. A branch in doubt has no session that
     * could hold a lock against that, and perhaps it is ended next week: nobody can wait for it.
     */
    public void checkNoneInDoubt() {
        new BranchesInDoubt(storage).changing(table.getId()).ifPresent(branch -> {
            throw BranchesInDoubt.refusal(branch, table.getName(), 0);
        });
    }

    LockableTable table() {
        return table;
    }

    private LockTarget.Row target(long key) {
        return new LockTarget.Row(table.target(), key);
    }

    /** Nobody is to wait for a lock that we were handed and have not taken, for whatever reason. */
    private @Nullable Row await(StorageSession session, Row row, int timeoutMillis) {
        LockTarget.Row target = target(row.getKey());
        boolean isTaken = false;
        try {
            Row locked = await(session, row, target, timeoutMillis);
            isTaken = locked != null;
            return locked;
        } finally {
            if (!isTaken) {
                locks.decline(session.owner(), target);
            }
        }
    }

    private @Nullable Row await(StorageSession session, Row row, LockTarget.Row target, int timeoutMillis) {
        LockOwner owner = session.owner();
        int own = session.h2().getTransaction().getId();
        Optional<OwnerId> waitedFor = Optional.empty();
        boolean granted = false; // Storage has just been tried, if that was allowed.
        while (true) {
            Row locked = granted ? takeAlone(session, row, waitedFor) : null;
            if (locked == null && timeoutMillis != 0) {
                locked = granted ? lookOutAwake(session, row, waitedFor) : lookOut(session, row, waitedFor);
            }
            if (locked != null) {
                if (granted) {
                    locks.confirm(owner, target);
                }
                return locked;
            }
            Holder holder = holder(row.getKey(), own);
            if (holder.isOwn()) {
                return take(session, row, waitedFor);
            }
            if (holder.isGone()) {
                return takeGone(session, row, waitedFor);
            }
            if (holder.isStranger()) {
                storage.tripped();
                return table.waitInStorage(session.h2(), row, timeoutMillis);
            }
            waitedFor = holder.owner();
            WaitRule rule = session.waits().rule(timeoutMillis, () -> Holder.slotOf(table, target.key()));
            ask(session, target, holder, rule);
            Spot.ROW_HANDED.pass();
            granted = true;
        }
    }

    /** Takes a row that comes free in a moment; null if it does not, or if who stands in line may not be passed. */
    private @Nullable Row lookOut(StorageSession session, Row row, Optional<OwnerId> waitedFor) {
        LockTarget.Row target = target(row.getKey());
        BooleanSupplier mayPass = () -> locks.admits(session.owner(), target);
        return mayPass.getAsBoolean() ? lookOut(session, row, waitedFor, mayPass) : null;
    }

    /** The same for one that was handed the row and has found it taken: it comes before all others. */
    private @Nullable Row lookOutAwake(StorageSession session, Row row, Optional<OwnerId> waitedFor) {
        locks.awakes(session.owner(), target(row.getKey()));
        return lookOut(session, row, waitedFor, () -> true);
    }

    private @Nullable Row lookOut(
            StorageSession session, Row row, Optional<OwnerId> waitedFor, BooleanSupplier mayTry) {
        int own = session.h2().getTransaction().getId();
        LookOut lookOut = new LookOut(table, row.getKey(), own);
        while (lookOut.seesItFree(session.owner()) && mayTry.getAsBoolean()) {
            Row locked = takeAlone(session, row, waitedFor);
            if (locked != null) {
                return locked;
            }
        }
        return null;
    }

    private void ask(StorageSession session, LockTarget.Row target, Holder holder, WaitRule rule) {
        session.waits()
                .checkGranted(holder.holding()
                        .map(other -> locks.acquireFrom(other, session.owner(), target, LockMode.X, rule))
                        .orElseGet(() -> locks.acquire(session.owner(), target, LockMode.X, rule)));
    }

    /**
     * Tries storage, and gives the row back if another holds it shared. A sharer enters its lock and then looks at
     * storage; we write to storage and then look for entries: at least one of us sees the other.
     */
    private @Nullable Row takeAlone(StorageSession session, Row row, Optional<OwnerId> waitedFor) {
        Transaction transaction = session.h2().getTransaction();
        long before = transaction.setSavepoint(); // nothing but its position in the log
        Row locked = take(session, row, waitedFor);
        Spot.ROW_TAKEN.pass();
        if (locked == null || !locks.mayBeShared() || !locks.isSharedByAnother(session.owner(), target(row.getKey()))) {
            return locked;
        }
        transaction.rollbackToSavepoint(before);
        StoreReflection.settle(transaction);
        // If it was ours before, who shares it has yet to see that.
        return holder(row.getKey(), transaction.getId()).isOwn() ? take(session, row, waitedFor) : null;
    }

    /**
     * Locks a row so that others may read it and nobody may change it.
     *
     * @param seen the row as the statement's snapshot has it
     * @return the row as it is now; null if it is gone, or locked and to be skipped
     */
    @Nullable
    Row share(StorageSession session, Row seen, int timeoutMillis) {
        return new SharedRow(session, table, seen.getKey()).lock(seen, timeoutMillis);
    }

    /** The same, unless the policy locks no rows for that, or the table that it has locked for it is enough. */
    public @Nullable Row shareIfAsked(StorageSession session, Row seen, int timeoutMillis) {
        LockMode held = session.transactionLocks().mode(table);
        boolean isCovered = held != null && held.covers(LockMode.S);
        boolean isAsked =
                storage.policy().rowLock(session.situation(), TableAccess.READ).isPresent();
        if (!isAsked || isCovered) {
            return seen;
        }
        return session.statements().kind() == StatementKind.SELECT_FOR_KEY_SHARE
                ? new KeySharedRow(session, table, seen.getKey()).lock(seen, timeoutMillis)
                : share(session, seen, timeoutMillis);
    }

    /**
     * A row that an index has shown to H2, and that is not shown itself. At READ UNCOMMITTED that is one which another
     * transaction is inserting: H2 would repeat the statement until the lock timeout, while the other may be waiting
     * for it. Whatever else keeps a row from being found however often it is tried is a conflict.
     *
     * @param refusal with which H2 repeats the statement
     */
    public Row foundByIndex(StorageSession session, long key, DbException refusal) {
        Optional<Row> row = session.h2().getTransaction().getIsolationLevel() == IsolationLevel.READ_UNCOMMITTED
                ? Holder.uncommitted(table, key)
                : Optional.empty();
        if (row.isEmpty() && session.statements().isRepeated(RunningStatements.MANY_REPEATS)) {
            throw session.waits().conflict(target(key), Optional.empty());
        }
        return row.orElseThrow(() -> refusal);
    }

    /**
     * The row was deleted a moment ago: a snapshot that shows it has to give way. Storage is not asked for that: by now
     * another may be inserting a row of this key, and that is another row.
     */
    private @Nullable Row takeGone(StorageSession session, Row row, Optional<OwnerId> waitedFor) {
        Spot.ROW_GONE.pass();
        if (session.h2().getTransaction().allowNonRepeatableRead()) {
            return take(session, row, waitedFor);
        }
        if (isDeletedBy(session, row.getKey())) {
            return null;
        }
        throw session.waits().conflict(target(row.getKey()), waitedFor);
    }

    /** Tries storage; null if another transaction has the row or it is gone. */
    private @Nullable Row take(StorageSession session, Row row, Optional<OwnerId> waitedFor) {
        if (!session.h2().getTransaction().allowNonRepeatableRead() && isDeletedBy(session, row.getKey())) {
            return null;
        }
        try {
            return table.tryLockRow(session.h2(), row);
        } catch (DbException e) {
            // A snapshot older than the row: that is what H2 calls a deadlock when it locks a row.
            // One that has to give way for what it writes here has been told so already.
            boolean isH2s = !(e.getSQLException() instanceof EngineException);
            if (e.getErrorCode() == ErrorCode.DEADLOCK_1 && isH2s) {
                throw session.waits().conflict(target(row.getKey()), waitedFor);
            }
            throw e;
        }
    }

    /** Has the transaction itself deleted what its snapshot still shows? H2 throws a NullPointerException then. */
    private boolean isDeletedBy(StorageSession session, long key) {
        if (!session.h2().getTransaction().hasChanges()) {
            return false;
        }
        VersionedValue<SearchRow> version = table.primary().getMVMap().get(key);
        return version != null
                && version.getCurrentValue() == null
                && OpenTransactions.slotOf(version)
                        == session.h2().getTransaction().getId();
    }

    private Holder holder(long key, int own) {
        return Holder.of(table, key, own);
    }
}
