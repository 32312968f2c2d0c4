package io.mortise.engine.storage.row;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.transaction.KeptKeys;
import io.mortise.engine.storage.transaction.OpenTransactions;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import org.h2.index.Index;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * A shared lock on the keys of one row, which FOR KEY SHARE asks for. The row stays, and so do the values of all its
 * unique keys, while others change the rest of it. An entry of the lock table, on the same target as a foreign key's.
 * One thread.
 *
 * <pre>
 * who shares the keys             who changes
 * enter S                         write the row in storage
 * has another deleted the row     has the row gone, or a key of it changed?
 * or changed a key of it?         does another share its keys? then wait
 * then give S back and wait
 * </pre>
 *
 * Both write before they look, so at least one sees the other; if both do, the one who shares gives way.
 */
public final class KeySharedRow {
    /** A row that one transaction has written more often is taken for one whose key has changed in between. */
    private static final int LOOK_BACK = 1000;
    /** A row that is another each time it is looked at is taken for one whose key has changed, too. */
    private static final int LOOKS = 10;

    private final StorageSession session;
    private final LockManager locks;
    private final LockableTable table;
    private final LockTarget.RowKey target;
    private final int own;

    private Optional<OwnerId> waitedFor = Optional.empty();

    KeySharedRow(StorageSession session, LockableTable table, long key) {
        this.session = session;
        this.locks = session.locks();
        this.table = table;
        this.target = new LockTarget.RowKey(table.target(), key);
        this.own = session.h2().getTransaction().getId();
    }

    /**
     * A row has been written that was there before: if it is gone, or a key of it is, waits for who shares its keys.
     */
    public static void changed(StorageSession session, LockableTable table, Row before, @Nullable Row after) {
        if (!table.gate().mayKeepAny() || after != null && hasSameKeys(table, before, after)) {
            return;
        }
        LockTarget.RowKey target = new LockTarget.RowKey(table.target(), before.getKey());
        LockManager locks = session.locks();
        if (table.gate().mayKeep(target) && isKept(session, table, target)) {
            session.waits()
                    .checkGranted(locks.acquire(
                            session.owner(), target, LockMode.X, session.waits().rule(SessionWaits.AS_TOLD)));
        }
    }

    /** Does anybody else share the keys of a row, or want them, now that it has been written? */
    public static boolean isKept(StorageSession session, LockableTable table, LockTarget.RowKey target) {
        // In this order: what leaves a slot meanwhile is in the lock table before.
        return table.gate().isShared(target, session.owner())
                || !session.locks().admits(session.owner(), target);
    }

    /**
     * @param seen the row as the statement's snapshot has it
     * @param timeoutMillis milliseconds, {@link SessionWaits#AS_TOLD} or {@link SessionWaits#SKIP_LOCKED}
     * @return the row as it is now; null if it is gone, or locked and to be left out
     */
    @Nullable
    Row lock(Row seen, int timeoutMillis) {
        KeptKeys kept = session.transactionLocks().keptKeys();
        Holder now = holder();
        while (!now.isOwn() && !kept.isKept(target)) {
            if (!enter(timeoutMillis)) {
                return null;
            }
            Spot.ROW_SHARED.pass();
            boolean isLeaving = isLeaving(table, target.key(), own);
            now = holder();
            if (!isLeaving && !now.isGone()) {
                kept.keep(target);
                break;
            }
            locks.release(session.owner().id(), target);
            if (now.isGone() || timeoutMillis == SessionWaits.SKIP_LOCKED) {
                return gone(seen, now);
            }
            if (now.isStranger()) {
                table.storage().tripped();
                return table.waitInStorage(session.h2(), seen, timeoutMillis);
            }
            await(now, timeoutMillis);
        }
        return checked(seen, now);
    }

    private @Nullable Row gone(Row seen, Holder now) {
        if (now.isGone()) {
            checked(seen, now);
        }
        return null;
    }

    private Holder holder() {
        return Holder.of(table, target.key(), own);
    }

    private boolean enter(int timeoutMillis) {
        boolean skips = timeoutMillis == SessionWaits.SKIP_LOCKED;
        WaitOutcome outcome = locks.acquire(
                session.owner(), target, LockMode.S, session.waits().rule(skips ? 0 : timeoutMillis));
        if (!skips) {
            session.waits().checkGranted(outcome);
        }
        return outcome instanceof WaitOutcome.Acquired;
    }

    /** Waits for the row as a whole: who has it may be waiting for its keys, or not be after them any more. */
    private void await(Holder holder, int timeoutMillis) {
        if (holder.holding().isEmpty()) {
            return; // It has ended just now.
        }
        waitedFor = holder.owner();
        LockTarget.Row row = new LockTarget.Row(table.target(), target.key());
        boolean had = locks.holds(session.owner(), row);
        session.waits()
                .checkGranted(locks.acquireFrom(
                        holder.holding().orElseThrow(),
                        session.owner(),
                        row,
                        LockMode.S,
                        session.waits().rule(timeoutMillis, () -> Holder.slotOf(table, row.key()))));
        if (!had) {
            locks.release(session.owner().id(), row);
        }
    }

    /**
     * Where the snapshot must stay, the keys that it shows must be those that there are; it goes on showing the rest.
     */
    private @Nullable Row checked(Row seen, Holder now) {
        if (session.h2().getTransaction().allowNonRepeatableRead() || now.isOwn()) {
            return now.row().orElse(null);
        }
        if (now.row().filter(row -> hasSameKeys(table, seen, row)).isEmpty()) {
            throw session.waits().conflict(new LockTarget.Row(table.target(), target.key()), waitedFor);
        }
        return seen;
    }

    /**
     * Has another open transaction deleted this row, or changed a key of it? Also if it has taken that back since: a
     * roll-back to a savepoint in between would bring it up again without a look. What a transaction wrote over is read
     * from its log, which a roll-back shortens meanwhile: that counts only if the row is still as it was first seen.
     */
    public static boolean isLeaving(LockableTable table, long key, int own) {
        MVMap<Long, VersionedValue<SearchRow>> rows = table.primary().getMVMap();
        for (int i = 0; i < LOOKS; i++) {
            VersionedValue<SearchRow> version = rows.get(key);
            int slot = version == null ? 0 : OpenTransactions.slotOf(version);
            if (version == null || slot == 0 || slot == own) {
                return false;
            }
            Spot.ROW_SEEN.pass();
            boolean isLeaving = hasOtherKeys(table, version, slot);
            if (rows.get(key) == version) {
                return isLeaving;
            }
        }
        return true;
    }

    /**
     * Is a key of the row another than the committed one, in this version or in one that its transaction wrote before?
     */
    private static boolean hasOtherKeys(LockableTable table, VersionedValue<SearchRow> version, int slot) {
        SearchRow committed = version.getCommittedValue();
        TransactionStore store = table.storage().database().getStore().getTransactionStore();
        VersionedValue<?> written = version;
        for (int i = 0; i < LOOK_BACK; i++) {
            if (committed == null
                    || !(written.getCurrentValue() instanceof SearchRow row)
                    || !hasSameKeys(table, committed, row)) {
                return true;
            }
            VersionedValue<?> before = StoreReflection.replaced(store, written.getOperationId());
            if (before == null) {
                return true; // The log has gone on. What it said is not known.
            }
            if (OpenTransactions.slotOf(before) != slot) {
                return false;
            }
            written = before;
        }
        return true;
    }

    private static boolean hasSameKeys(LockableTable table, SearchRow one, SearchRow other) {
        for (Index index : table.getIndexes()) {
            if (index.getIndexType().isUnique() && index.compareRows(one, other) != 0) {
                return false;
            }
        }
        return true;
    }
}
